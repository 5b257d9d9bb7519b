/** The `date` of answers (RFC 9110 section 6.6.1), made once a second. */
import type { Clock } from './clock.ts';

let madeFor = NaN;
let made = '';

export function httpDate(clock: Clock): string {
  const second = Math.floor(clock.epochMs() / 1_000);
  if (second !== madeFor) {
    madeFor = second;
    made = new Date(second * 1_000).toUTCString();
  }
  return made;
}
