/**
 * Numbers of JSON without loss. A double rounds what has more than 15 significant digits, so such a number stays text until the type of
 * its field says whether rounding is allowed: a double may round, an int64 never (protobuf.dev/programming-guides/json).
 */

/** A number that a double may not hold exactly as it was written. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Any decimal number with up to 15 significant digits survives the way through a double. */
const EXACT_DIGITS = 15;
/** The point is what makes it linear: two runs of digits side by side would be tried in every split. */
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,15}))?$/;
/** No integer type reaches 30 digits, so zeros beyond that change nothing about being out of range. */
const MAX_ZEROS = 30;

/** The value of a JSON number token: a plain number where that is exact, else its text. */
export function numberOfToken(token: string): number | JsonNumber {
  const value = Number(token);
  if (token.length <= EXACT_DIGITS && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
    // 1e-400 becomes 0: short, in range and still not what was written.
    if (value !== 0 || !/[1-9]/.test(mantissa(token))) return value;
  }
  return Number.isSafeInteger(value) && token === String(value) ? value : new JsonNumber(token);
}

/**
 * The digits of a number that is an integer, however it is written (`1.0`, `12e3`), with no way through a double.
 * Undefined where it has a fraction or is no number at all; far out of range it is cut to 30 zeros.
 */
export function exactInteger(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return '0';
  const shift = Number(exponent) - fraction.length;
  const minus = sign === '-' ? '-' : '';
  if (shift >= 0) return minus + digits + '0'.repeat(Math.min(shift, MAX_ZEROS));
  const cut = digits.length + shift;
  if (cut <= 0 || !/^0+$/.test(digits.slice(cut))) return undefined;
  return minus + digits.slice(0, cut);
}

function mantissa(token: string): string {
  const at = token.search(/[eE]/);
  return at === -1 ? token : token.slice(0, at);
}
