/** The methods of the test service. */
import type { Method } from './caller.ts';
import {
  Empty,
  InputRequest,
  InputResponse,
  OutputRequest,
  OutputResponse,
  SimpleRequest,
  SimpleResponse,
} from './messages.ts';

const SERVICE = '/grpc.testing.TestService';

export const emptyCall: Method<object, object> = {
  path: `${SERVICE}/EmptyCall`,
  kind: 'unary',
  request: Empty,
  response: Empty,
};
export const unaryCall: Method<SimpleRequest, SimpleResponse> = {
  path: `${SERVICE}/UnaryCall`,
  kind: 'unary',
  request: SimpleRequest,
  response: SimpleResponse,
};
export const streamingInputCall: Method<InputRequest, InputResponse> = {
  path: `${SERVICE}/StreamingInputCall`,
  kind: 'client_stream',
  request: InputRequest,
  response: InputResponse,
};
export const streamingOutputCall: Method<OutputRequest, OutputResponse> = {
  path: `${SERVICE}/StreamingOutputCall`,
  kind: 'server_stream',
  request: OutputRequest,
  response: OutputResponse,
};
export const fullDuplexCall: Method<OutputRequest, OutputResponse> = {
  path: `${SERVICE}/FullDuplexCall`,
  kind: 'bidi',
  request: OutputRequest,
  response: OutputResponse,
};
export const unimplementedCall: Method<object, object> = {
  ...emptyCall,
  path: `${SERVICE}/UnimplementedCall`,
};
export const unimplementedService: Method<object, object> = {
  ...emptyCall,
  path: '/grpc.testing.UnimplementedService/UnimplementedCall',
};
