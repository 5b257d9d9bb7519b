/** The matrix in front of services of plain HTTP and JSON, called by their http rules. */
import { httpService } from './http-service.ts';
import { matrixOf } from './run.ts';

matrixOf(httpService);
