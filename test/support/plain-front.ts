/** The running gateway in front of a recorded service of plain HTTP, with the rules of golden.v1.Golden. */
import { createGateway, type Gateway } from 'polygate';
import { memoryLog } from './memory-log.ts';
import { type RecordingService, startRecordingService } from './recording-service.ts';
import type { HttpVersion } from './scripted-http.ts';

export interface PlainFront {
  readonly service: RecordingService;
  readonly gateway: Gateway;
  close(): Promise<void>;
}

export async function startPlainFront(http: HttpVersion): Promise<PlainFront> {
  const service = await startRecordingService(http);
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      strictness: 'ignore',
      upstreams: {
        service: {
          protocol: 'http',
          endpoints: [`http://127.0.0.1:${service.port}`],
          schema: { protos: ['golden/v1/golden.proto'], importPaths: ['.'] },
          connections: { http },
        },
      },
      routes: [{ services: '*', upstream: 'service' }],
    },
    { log: memoryLog(), baseDir: new URL('protos', import.meta.url).pathname },
  );
  return {
    service,
    gateway,
    async close() {
      await gateway.close(true);
      await service.close();
    },
  };
}
