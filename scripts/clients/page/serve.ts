/**
 * The pages of an origin of their own: `/` is empty, `/protocols` has the script of this folder. The browser gets the modules of the npm
 * packages as they are, by an import map that their package.json files make.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, posix, resolve } from 'node:path';

export interface Page {
  readonly origin: string;
  close(): void;
}

interface Package {
  readonly version: string;
  readonly exports?: Readonly<Record<string, { readonly import?: string } | string>>;
  readonly module?: string;
}

const ROOT = resolve(import.meta.dirname, '../../..');
const MODULES = join(ROOT, 'node_modules');
const PACKAGES = [
  '@bufbuild/protobuf',
  '@connectrpc/connect',
  '@connectrpc/connect-web',
  'grpc-web',
];
/** What protoc has made of the demo's proto and of the details of errors. */
const SCHEMA = join(ROOT, 'test/support/schema/protoc.binpb');
const HTML = 'text/html';
const NPM = '/npm/';
const PAGE = '/page/';

export async function servePage(): Promise<Page> {
  const protocols = `<!doctype html><title>protocols</title>
<script type="importmap">${JSON.stringify({ imports: imports() })}</script>
<script type="module" src="/page/main.ts"></script>`;
  const server = createServer(({ url = '/' }, answer) => {
    if (url === '/') send(answer, HTML, '<!doctype html><title>clients</title>');
    else if (url === '/protocols') send(answer, HTML, protocols);
    else if (url === '/schema.binpb') {
      send(answer, 'application/octet-stream', readFileSync(SCHEMA));
    } else if (url.startsWith(NPM)) sendFile(answer, MODULES, url.slice(NPM.length));
    else if (url.startsWith(PAGE)) sendFile(answer, import.meta.dirname, url.slice(PAGE.length));
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function packageOf(name: string): Package {
  return JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')) as Package;
}

/** From the names that modules import to where they are. */
function imports(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of PACKAGES) {
    const { exports, module } = packageOf(name);
    if (module !== undefined && exports === undefined) found[name] = `/npm/${name}/${module}`;
    for (const [path, target] of Object.entries(exports ?? {})) {
      if (typeof target === 'string' || target.import === undefined) continue;
      found[posix.join(name, path)] = posix.join('/npm', name, target.import);
    }
  }
  return found;
}

function sendFile(answer: ServerResponse, folder: string, path: string): void {
  const file = join(folder, path);
  if (!file.startsWith(folder) || !existsSync(file)) {
    answer.writeHead(404).end();
    return;
  }
  const source = readFileSync(file, 'utf8');
  send(answer, 'text/javascript', file.endsWith('.ts') ? stripTypeScriptTypes(source) : source);
}

function send(answer: ServerResponse, type: string, body: string | Buffer): void {
  answer.writeHead(200, { 'content-type': type }).end(body);
}
