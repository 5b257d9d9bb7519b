/**
 * Protobuf to JSON by the layout, field by field in the order of declaration: exact for every order on the wire. The compiled writers
 * fall back on it where a message is not in an order that can be streamed, and it stands alone where code generation is disallowed.
 */
import { CodecError } from '../error.ts';
import { MAX_DEPTH } from '../wire.ts';
import { writeFields, type WriteMessage } from './fields.ts';
import { gather } from './gather.ts';
import { writeWellKnown } from './well-known.ts';

/** The JSON of one message. Throws a CodecError; what it has written by then is garbage. */
export const interpretMessage: WriteMessage = (layout, b, { start, end }, to) => {
  if (++to.depth > MAX_DEPTH) throw new CodecError('messages nest too deep');
  if (layout.wellKnown === null) writeFields(layout, b, gather(layout, b, start, end), to);
  else writeWellKnown(layout, b, { start, end }, to);
  to.depth--;
};
