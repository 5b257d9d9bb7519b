/** The matrix in front of services of plain JSON over HTTP/2, called by their http rules. */
import { http2Service } from './http-service.ts';
import { matrixOf } from './run.ts';

matrixOf(http2Service);
