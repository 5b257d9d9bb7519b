/** The refusals that reading a client's values can end in, made in one place so that each lists every field it is about. */
import { badRequest, type FieldViolation } from '../call/details.ts';
import { GatewayError, type PgCodeName } from '../call/error.ts';

/** A list in an error is for a person; a body of 4 MB can hold a million unknown names. */
const MAX_LISTED = 100;
/** Longer than this a value of the client is cut where a message repeats it. */
const MAX_QUOTED = 80;
/** A name in a body may be as long as the body. */
const MAX_PATH = 300;

/** Violations in the order found; beyond a bound they are only counted. */
export class Violations {
  readonly listed: FieldViolation[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether one more would not be listed any more, so that looking for it is wasted. */
  get full(): boolean {
    return this.listed.length >= MAX_LISTED;
  }

  /** `describe` is only called for a violation that is listed, so it may be costly. */
  add(field: string, describe: () => string): void {
    this.#count++;
    if (!this.full) {
      this.listed.push({ field: cut(field, MAX_PATH).toWellFormed(), description: describe() });
    }
  }

  /** Each field once, for the header of strictness `warn`. */
  paths(): string[] {
    return [...new Set(this.listed.map(({ field }) => field))];
  }

  /** One error about all of them; call only where {@link count} is above 0. */
  error(pg: PgCodeName): GatewayError {
    const first = this.listed[0];
    const more = this.#count - 1;
    const head = first === undefined ? '' : sentence(first);
    const tail = more > 0 ? ` (and ${this.full ? 'at least ' : ''}${more} more)` : '';
    const listed = [...this.listed];
    if (this.full) listed.push({ field: '', description: `no more than ${MAX_LISTED} are listed` });
    return new GatewayError(pg, head + tail, { details: [badRequest(listed)] });
  }
}

/** One refused value. `field` is empty for the message itself. */
export function invalidValue(field: string, description: string): GatewayError {
  const violations = new Violations();
  violations.add(field, () => description);
  return violations.error('PG_INVALID_VALUE');
}

/** A value of the client in quotes, cut to a readable length. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return cut(text, MAX_QUOTED);
}

function cut(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function sentence({ field, description }: FieldViolation): string {
  return field === '' ? description : `${field}: ${description}`;
}
