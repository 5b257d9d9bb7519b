/** The floor: bare node:http that parses and prints JSON and has no upstream. Arguments: its port. */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { ITEM, ORDER_LIST } from '../lib/messages.ts';

createServer((request, response) => {
  const { method, url = '' } = request;
  if (method === 'POST') {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => send(response, JSON.parse(Buffer.concat(chunks).toString())));
  } else if (url.startsWith('/v1/items/')) {
    send(response, { ...ITEM, id: url.slice('/v1/items/'.length) });
  } else {
    send(response, ORDER_LIST);
  }
}).listen(Number(process.argv[2]), '127.0.0.1');

function send(response: ServerResponse, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
