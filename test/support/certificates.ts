/** Certificates made by openssl for one run of a test: no key lies in the repository, and none expires. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Certificates {
  /** The authority that signed `server` and `client`. */
  readonly ca: Buffer;
  /** One that signed nothing. */
  readonly otherCa: Buffer;
  /** For the name `service.test` alone, not for an address. */
  readonly server: KeyPair;
  /** For the address 127.0.0.1. */
  readonly loopback: KeyPair;
  readonly client: KeyPair;
}

export function makeCertificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'polygate-tls-'));
  try {
    const ca = authority(dir, 'ca');
    return {
      ca,
      otherCa: authority(dir, 'other'),
      server: leaf(dir, 'server', 'subjectAltName=DNS:service.test'),
      loopback: leaf(dir, 'loopback', 'subjectAltName=IP:127.0.0.1'),
      client: leaf(dir, 'client', 'extendedKeyUsage=clientAuth'),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function authority(dir: string, name: string): Buffer {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
  openssl(dir, 'req', '-x509', ...CURVE, ...files, '-days', '2', '-subj', `/CN=${name}`);
  return readFileSync(join(dir, `${name}.pem`));
}

function leaf(dir: string, name: string, extension: string): KeyPair {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
  openssl(dir, 'req', ...CURVE, ...files, '-subj', `/CN=${name}.test`);
  writeFileSync(join(dir, 'ext'), extension);
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext'];
  const out = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-days', '2'];
  openssl(dir, 'x509', '-req', ...signer, ...out);
  return {
    cert: readFileSync(join(dir, `${name}.pem`)),
    key: readFileSync(join(dir, `${name}.key`)),
  };
}

function openssl(dir: string, ...words: string[]): void {
  execFileSync('openssl', words, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
}
