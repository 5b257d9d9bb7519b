/** The matrix in front of gRPC services that take and send plain messages. */
import { grpcService } from './grpc-service.ts';
import { matrixOf } from './run.ts';

matrixOf(grpcService);
