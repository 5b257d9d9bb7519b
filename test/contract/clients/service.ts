/** The service behind the gateway: what it does is asked for by the name in the first message. */
import { gzipSync } from 'node:zlib';
import {
  encodeItem,
  envelope,
  type Item,
  respond,
  respondOnly,
  type ScriptedCall,
} from '../../support/scripted-grpc.ts';
import { encodeDetails } from './details.ts';
import type { ErrorInfo } from './types.ts';

export const DETAIL: ErrorInfo = {
  reason: 'OUT_OF_STOCK',
  domain: 'fault.test',
  metadata: { shelf: 'ü' },
};
/** Four bytes: their base64 is padded, and has characters that URLs and headers treat apart. */
export const BYTES: Uint8Array = Buffer.from('00fbff3e', 'hex');
export const BYTES_HEX = '00fbff3e';

const BYTES_TEXT = Buffer.from(BYTES).toString('base64');
const LATE = {
  'grpc-status': '8',
  'grpc-message': 'enough',
  'grpc-status-details-bin': encodeDetails(8, 'enough', DETAIL),
};

export type Script = (call: ScriptedCall) => Promise<void>;

export function service(compressing: boolean): Script {
  const pack = compressing ? compressed : envelope;
  return async ({ path, headers, stream, messages }) => {
    const items = await messages;
    const name = items[0]?.name ?? '';
    if (name === 'missing') {
      respondOnly(stream, {
        'grpc-status': '5',
        'grpc-message': 'no such %C3%BC item',
        'grpc-status-details-bin': encodeDetails(5, 'no such ü item', DETAIL),
        'x-why': 'gone',
        'x-why-bin': BYTES_TEXT,
      });
      return;
    }
    const tail = {
      'grpc-status': '0',
      'x-last': 'z',
      'x-last-bin': BYTES_TEXT,
      'x-each': ['y', 'z'],
    };
    respond(stream, name === 'late' ? LATE : tail, {
      ...(compressing && { 'grpc-encoding': 'gzip' }),
      'x-first': String(headers['x-tenant']),
      'x-first-bin': String(headers['x-tenant-bin']),
    });
    for (const answer of answersOf(path, items)) stream.write(pack(answer));
    stream.end();
  };
}

function answersOf(path: string, items: readonly Item[]): Item[] {
  const method = path.slice(path.lastIndexOf('/') + 1);
  const name = items[0]?.name ?? '';
  if (method === 'Watch') return name === 'none' ? [] : [1, 2, 3].map((count) => ({ name, count }));
  if (method === 'Talk') return items.map((item) => ({ name: `${item.name}!` }));
  if (method === 'Upload') {
    return [{ name: items.map((item) => item.name).join('+'), count: items.length }];
  }
  return [{ name: `${name}!`, count: 7 }];
}

function compressed(item: Item): Buffer {
  const bytes = gzipSync(encodeItem(item));
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
