/** Covers and manuscripts: files as google.api.HttpBody, whole and in pieces. */
import { createHash } from 'node:crypto';
import type { ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { type Collector, clientStream, serverStream, unary, writeWithRoom } from './calls.ts';
import { full, invalid } from './errors.ts';
import { parseBook } from './names.ts';
import type { FileKind } from './records.ts';
import type { Store } from './store.ts';
import type { FileInfo, HttpBody } from './types.ts';

interface Named {
  readonly name: string;
}

interface UploadCoverRequest extends Named {
  readonly cover: HttpBody | null;
}

interface UploadManuscriptRequest extends Named {
  readonly file: HttpBody | null;
}

const MAX_COVER_BYTES = 1024 * 1024;
const MAX_MANUSCRIPT_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;

export function fileMethods(store: Store): UntypedServiceImplementation {
  return {
    UploadCover: unary((request: UploadCoverRequest) => uploadCover(store, request)),
    DownloadCover: unary(({ name }: Named) => store.file(name, 'cover')),
    UploadManuscript: clientStream(() => manuscriptReceiver(store)),
    DownloadManuscript: serverStream<Named, HttpBody>(async (call) =>
      sendInPieces(store.file(call.request.name, 'manuscript'), call),
    ),
  };
}

function uploadCover(store: Store, { name, cover }: UploadCoverRequest): FileInfo {
  if (cover === null || cover.data.length === 0) {
    throw invalid({ field: 'cover', description: 'is empty' });
  }
  if (cover.data.length > MAX_COVER_BYTES) throw full('bytes of a cover', MAX_COVER_BYTES);
  return keep(store, name, 'cover', cover);
}

function manuscriptReceiver(store: Store): Collector<UploadManuscriptRequest, FileInfo> {
  let name = '';
  let contentType = '';
  let sizeBytes = 0;
  const pieces: Uint8Array[] = [];
  return {
    take(message) {
      if (name === '') {
        ({ name } = message);
        parseBook(name, 'name');
        store.book(name);
        contentType = message.file?.content_type ?? '';
      }
      const data = message.file?.data ?? new Uint8Array();
      sizeBytes += data.length;
      if (sizeBytes > MAX_MANUSCRIPT_BYTES)
        throw full('bytes of a manuscript', MAX_MANUSCRIPT_BYTES);
      pieces.push(data);
    },
    finish() {
      if (sizeBytes === 0) throw invalid({ field: 'file', description: 'is empty' });
      const data = Buffer.concat(pieces);
      return keep(store, name, 'manuscript', { content_type: contentType, data });
    },
  };
}

async function sendInPieces(
  { content_type, data }: HttpBody,
  call: ServerWritableStream<Named, HttpBody>,
): Promise<void> {
  for (let start = 0; start < data.length; start += PIECE_BYTES) {
    const piece = {
      content_type: start === 0 ? content_type : '',
      data: data.subarray(start, start + PIECE_BYTES),
    };
    if (!(await writeWithRoom(call, piece))) return;
  }
}

function keep(store: Store, name: string, kind: FileKind, file: HttpBody): FileInfo {
  const contentType = file.content_type === '' ? 'application/octet-stream' : file.content_type;
  // A copy: the received bytes are a view that would pin the whole buffer they came in.
  const data = Uint8Array.from(file.data);
  store.setFile(name, kind, { content_type: contentType, data });
  return {
    name: `${name}/${kind}`,
    content_type: contentType,
    size_bytes: String(data.length),
    sha256: createHash('sha256').update(data).digest(),
  };
}
