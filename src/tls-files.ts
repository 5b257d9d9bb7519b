/** The PEM files of TLS, towards services and towards clients, read and looked at before anything starts: what is wrong with them would show at the first call else. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ListenTlsPlan } from './config/listen-plan.ts';
import type { TlsPlan } from './config/plan.ts';
import type { CertificateFiles, ListenerTls } from './listen/tls.ts';
import { reasonOf, SchemaError, type SchemaProblem } from './schema/error.ts';

/** PEM bytes of an upstream's TLS. */
export interface LoadedTls {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  serverName?: string;
}

/** Rejects with a SchemaError that lists every file that is wrong. */
export async function readTls(upstream: string, plan: TlsPlan): Promise<LoadedTls> {
  const problems: SchemaProblem[] = [];
  const path = `upstreams.${upstream}.tls`;
  const ca = await read(problems, `${path}.ca`, plan.ca, certificatesOf);
  const { cert, key } = await readPair(problems, path, plan);
  if (problems.length > 0) throw new SchemaError(problems);
  return {
    ...(ca !== undefined && { ca: ca.pem }),
    ...(cert !== undefined && { cert: cert.pem }),
    ...(key !== undefined && { key: key.pem }),
    ...(plan.serverName !== null && { serverName: plan.serverName }),
  };
}

/** Rejects with a SchemaError that lists every file that is wrong. */
export async function readListenerTls(plan: ListenTlsPlan): Promise<ListenerTls> {
  const problems: SchemaProblem[] = [];
  const clientCa = await read(problems, 'listen.tls.clientCa', plan.clientCa, certificatesOf);
  const certificates: CertificateFiles[] = [];
  for (const files of plan.certificates) {
    const { cert, key } = await readPair(problems, files.path, files);
    if (cert !== undefined && key !== undefined) {
      certificates.push({ cert: cert.pem, key: key.pem });
    }
  }
  if (problems.length > 0) throw new SchemaError(problems);
  return { certificates, clientCa: clientCa?.pem ?? null, plain: plan.plain };
}

interface Read<Value> {
  readonly pem: Buffer;
  readonly value: Value;
}

async function read<Value>(
  problems: SchemaProblem[],
  path: string,
  file: string | null,
  parse: (pem: Buffer) => Value,
): Promise<Read<Value> | undefined> {
  if (file === null) return undefined;
  try {
    const pem = await readFile(file);
    return { pem, value: parse(pem) };
  } catch (error) {
    problems.push({ file, message: `${path}: ${reasonOf(error)}` });
    return undefined;
  }
}

/** A certificate and the key that belongs to it, or neither. */
async function readPair(
  problems: SchemaProblem[],
  path: string,
  files: { readonly cert: string | null; readonly key: string | null },
): Promise<{ cert: Read<X509Certificate[]> | undefined; key: Read<KeyObject> | undefined }> {
  const cert = await read(problems, `${path}.cert`, files.cert, certificatesOf);
  const key = await read(problems, `${path}.key`, files.key, privateKeyOf);
  const fits = cert === undefined || key === undefined || cert.value[0]?.checkPrivateKey(key.value);
  if (fits === false) problems.push({ message: `${path}: the key is not that of the certificate` });
  return { cert, key };
}

/** At least one; OpenSSL would take a file without any for an empty list of authorities. */
function certificatesOf(pem: Buffer): X509Certificate[] {
  const blocks = pem
    .toString('latin1')
    .match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) throw new Error('expected a certificate in PEM, found none');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new Error(`certificate ${index + 1} cannot be read`, { cause: error });
    }
  });
}

function privateKeyOf(pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error('expected a private key in PEM without a password', { cause: error });
  }
}
