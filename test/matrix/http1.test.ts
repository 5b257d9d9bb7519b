/** The matrix in front of services of plain JSON over HTTP/1.1, called by their http rules. */
import { http1Service } from './http-service.ts';
import { matrixOf } from './run.ts';

matrixOf(http1Service);
