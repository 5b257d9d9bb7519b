/** Refusals as gRPC tells them: a code, a sentence and google.rpc details in the trailer `grpc-status-details-bin`. */
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { PROTOS } from './protos.ts';

export interface Violation {
  /** The path of the field in the request, as `book.authors[0].family_name`. */
  readonly field: string;
  readonly description: string;
}

interface Detail {
  /** Within google.rpc, as `BadRequest`. */
  readonly type: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The domain of every ErrorInfo of this service. */
const DOMAIN = 'bookstore.example.com';

const rpcTypes = loadRpcTypes();

/** An expected refusal; whatever else a method throws is a mistake of ours and becomes INTERNAL. */
export class RpcError extends Error {
  readonly code: status;
  readonly details: readonly Detail[];

  constructor(code: status, message: string, details: readonly Detail[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** INVALID_ARGUMENT with every field that is wrong. */
export function invalid(...violations: readonly Violation[]): RpcError {
  const text = violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  return new RpcError(status.INVALID_ARGUMENT, text, [
    { type: 'BadRequest', value: { field_violations: violations } },
  ]);
}

export function notFound(type: string, name: string): RpcError {
  return new RpcError(status.NOT_FOUND, `${name} does not exist`, [
    resource(type, name, 'It was never made, or it has been removed.'),
  ]);
}

export function alreadyExists(type: string, name: string): RpcError {
  return new RpcError(status.ALREADY_EXISTS, `${name} exists already`, [
    resource(type, name, 'Choose another id, or update what is there.'),
  ]);
}

/** FAILED_PRECONDITION with a stable reason in capitals. */
export function failedPrecondition(reason: string, subject: string, text: string): RpcError {
  return new RpcError(status.FAILED_PRECONDITION, text, [
    info(reason, { subject }),
    {
      type: 'PreconditionFailure',
      value: { violations: [{ type: reason, subject, description: text }] },
    },
  ]);
}

/** ABORTED: somebody else was faster; read again and retry at once. */
export function stale(name: string, current: string): RpcError {
  return new RpcError(status.ABORTED, `${name} is at revision ${current}; read it again`, [
    info('STALE_REVISION', { name, current_revision: current }),
    { type: 'RetryInfo', value: { retry_delay: { seconds: '0', nanos: 100_000_000 } } },
  ]);
}

/** RESOURCE_EXHAUSTED: a bound of the demo's memory. */
export function full(what: string, limit: number): RpcError {
  return new RpcError(status.RESOURCE_EXHAUSTED, `the store takes no more than ${limit} ${what}`, [
    info('STORE_FULL', { what, limit: String(limit) }),
    { type: 'RetryInfo', value: { retry_delay: { seconds: '30', nanos: 0 } } },
  ]);
}

export function dataLoss(name: string): RpcError {
  return new RpcError(status.DATA_LOSS, `the record of ${name} is damaged`, [
    info('RECORD_DAMAGED', { name }),
  ]);
}

/** What grpc-js sends for a thrown value. */
export function toStatus(thrown: unknown): StatusObject {
  if (!(thrown instanceof RpcError)) {
    console.error('bookstore: unexpected failure', thrown);
    return { code: status.INTERNAL, details: 'unexpected failure', metadata: new Metadata() };
  }
  const metadata = new Metadata();
  if (thrown.details.length > 0) metadata.set('grpc-status-details-bin', encodeStatus(thrown));
  return { code: thrown.code, details: thrown.message, metadata };
}

function encodeStatus(error: RpcError): Buffer {
  const details = error.details.map(({ type, value }) => ({
    type_url: `type.googleapis.com/google.rpc.${type}`,
    value: encode(`google.rpc.${type}`, value),
  }));
  return encode('google.rpc.Status', { code: error.code, message: error.message, details });
}

function encode(name: string, value: Readonly<Record<string, unknown>>): Buffer {
  const type = rpcTypes.lookupType(name);
  return Buffer.from(type.encode(type.fromObject({ ...value })).finish());
}

function info(reason: string, metadata: Readonly<Record<string, string>>): Detail {
  return { type: 'ErrorInfo', value: { reason, domain: DOMAIN, metadata } };
}

function resource(type: string, name: string, description: string): Detail {
  return {
    type: 'ResourceInfo',
    value: { resource_type: `${DOMAIN}/${type}`, resource_name: name, description },
  };
}

function loadRpcTypes(): protobuf.Root {
  const root = new protobuf.Root();
  const resolve = root.resolvePath.bind(root);
  root.resolvePath = (origin, target) =>
    target.startsWith('google/rpc/') ? `${PROTOS}/${target}` : resolve(origin, target);
  return root.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], {
    keepCase: true,
  });
}
