/** The messages of grpc/testing/test.proto for client and servers, by protobufjs: a library that the codecs under test are no part of. */
import { join } from 'node:path';
import protobuf from 'protobufjs';

export const PROTOS = join(import.meta.dirname, 'protos');

interface Payload {
  body?: Uint8Array;
}

interface Flag {
  value?: boolean;
}

interface EchoStatus {
  code?: number;
  message?: string;
}

export interface SimpleRequest {
  responseSize?: number;
  payload?: Payload;
  responseCompressed?: Flag;
  responseStatus?: EchoStatus;
  expectCompressed?: Flag;
}

export interface SimpleResponse {
  payload?: Payload;
}

export interface InputRequest {
  payload?: Payload;
  expectCompressed?: Flag;
}

export interface InputResponse {
  aggregatedPayloadSize?: number;
}

export interface OutputRequest {
  responseParameters?: { size?: number; compressed?: Flag }[];
  payload?: Payload;
  responseStatus?: EchoStatus;
}

export interface OutputResponse {
  payload?: Payload;
}

export interface Codec<Value> {
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

const root = new protobuf.Root();
root.resolvePath = (_, target) => join(PROTOS, target);
root.loadSync('grpc/testing/test.proto');

export const Empty: Codec<object> = codec('Empty');
export const SimpleRequest: Codec<SimpleRequest> = codec('SimpleRequest');
export const SimpleResponse: Codec<SimpleResponse> = codec('SimpleResponse');
export const InputRequest: Codec<InputRequest> = codec('StreamingInputCallRequest');
export const InputResponse: Codec<InputResponse> = codec('StreamingInputCallResponse');
export const OutputRequest: Codec<OutputRequest> = codec('StreamingOutputCallRequest');
export const OutputResponse: Codec<OutputResponse> = codec('StreamingOutputCallResponse');

export function zeros(size: number): Payload {
  return { body: new Uint8Array(size) };
}

function codec<Value extends object>(name: string): Codec<Value> {
  const type = root.lookupType(`grpc.testing.${name}`);
  return {
    encode: (value) => type.encode(type.create(value)).finish(),
    decode: (bytes) => type.toObject(type.decode(bytes)) as Value,
  };
}
