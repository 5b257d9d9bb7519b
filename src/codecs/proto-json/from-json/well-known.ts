/** The types that have a JSON of their own. */
import type { WellKnown } from '../layout.ts';
import { putAny } from './any.ts';
import { putFieldMask } from './field-mask.ts';
import type { ReadBody } from './scan.ts';
import { putListValue, putStruct, putValue } from './struct.ts';
import { putDuration, putTimestamp } from './time.ts';

/** The body of each from its JSON; a wrapper is read by the type of its one field. */
export const WELL_KNOWN_BODIES: Readonly<Record<Exclude<WellKnown, 'wrapper'>, ReadBody>> = {
  any: putAny,
  timestamp: putTimestamp,
  duration: putDuration,
  field_mask: putFieldMask,
  struct: putStruct,
  value: putValue,
  list_value: putListValue,
};
