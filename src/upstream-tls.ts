/** The PEM files of an upstream's TLS, read and looked at before anything starts: what is wrong with them would show at the first call else. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TlsPlan } from './config/plan.ts';
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
  const read = async <Value>(
    name: 'ca' | 'cert' | 'key',
    parse: (pem: Buffer) => Value,
  ): Promise<{ pem: Buffer; value: Value } | undefined> => {
    const file = plan[name];
    if (file === null) return undefined;
    try {
      const pem = await readFile(file);
      return { pem, value: parse(pem) };
    } catch (error) {
      problems.push({ file, message: `upstreams.${upstream}.tls.${name}: ${reasonOf(error)}` });
      return undefined;
    }
  };
  const ca = await read('ca', certificatesOf);
  const cert = await read('cert', certificatesOf);
  const key = await read('key', privateKeyOf);
  if (
    cert !== undefined &&
    key !== undefined &&
    cert.value[0]?.checkPrivateKey(key.value) === false
  )
    problems.push({ message: `upstreams.${upstream}.tls: the key is not that of the certificate` });
  if (problems.length > 0) throw new SchemaError(problems);
  return {
    ...(ca !== undefined && { ca: ca.pem }),
    ...(cert !== undefined && { cert: cert.pem }),
    ...(key !== undefined && { key: key.pem }),
    ...(plan.serverName !== null && { serverName: plan.serverName }),
  };
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
