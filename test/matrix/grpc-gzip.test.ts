/** The matrix in front of gRPC services whose messages are compressed. */
import { gzipService } from './grpc-service.ts';
import { matrixOf } from './run.ts';

matrixOf(gzipService);
