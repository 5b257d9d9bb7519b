import { grpc } from './grpc.ts';
import { rate1600, rate8000 } from './rates.ts';
import { grpcWeb, grpcWebText } from './rpc.ts';
import { slow } from './slow.ts';
import { stream, stream8, ticks } from './streams.ts';
import type { Workload } from './types.ts';
import { browser, close, large, medium, small } from './unary.ts';

/** In the order of the table. */
export const WORKLOADS: readonly Workload[] = [
  small,
  medium,
  large,
  browser,
  close,
  grpc,
  grpcWeb,
  grpcWebText,
  stream,
  stream8,
  ticks,
  slow,
  rate1600,
  rate8000,
];
