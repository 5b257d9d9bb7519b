/** The types that a message may name at run time: in an Any, and in the details of a google.rpc.Status. */
import { builtinSchema } from '../schema/builtin.ts';
import type { MessageModel, Schema } from '../schema/model.ts';

/** A message type of a schema or of those that come along, by its type URL. */
export function anyMessage(schema: Schema | null, typeUrl: string): MessageModel | undefined {
  const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
  return schema?.messages.get(name) ?? builtinSchema().messages.get(name);
}
