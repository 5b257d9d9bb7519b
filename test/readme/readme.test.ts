/** What the README shows is what happens: its curl lines against the demo, its configuration against the file, its links against the tree. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { runCurl } from '../support/curl.ts';
import { startDemoProcess } from '../support/demo-process.ts';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');
/** Where the README says that the demo listens. */
const SHOWN_ORIGIN = 'http://127.0.0.1:8080';

describe('README.md', () => {
  test('each curl line gives, with status 200, exactly what is printed under it', async (t) => {
    const { origin } = await startDemoProcess(t);
    const shown = curlBlocks();
    assert.equal(shown.length, 4);
    for (const { command, output } of shown) {
      assert.ok(command.includes(SHOWN_ORIGIN), command);
      const answer = await runCurl(command.replace(SHOWN_ORIGIN, origin));
      assert.equal(answer.status, 200, command);
      assert.equal(answer.output.trimEnd(), output);
      for (const line of output.split('\n')) JSON.parse(line);
    }
  });

  test('the configuration is gateway.config.ts', () => {
    const config = readFileSync(new URL('gateway.config.ts', ROOT), 'utf8');
    assert.ok(README.includes(`\`\`\`ts\n${config}\`\`\``));
  });

  test('its npm scripts exist', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
    const named = [...README.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    assert.ok(named.includes('demo'));
    for (const name of named) assert.ok(name in scripts, name);
  });
});

for (const page of ['README.md', 'docs/from-grpc-gateway.md', 'docs/life-of-a-request.md']) {
  test(`the links and file names of ${page} lead somewhere`, () => {
    const url = new URL(page, ROOT);
    const text = readFileSync(url, 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = '']) => to);
    const files = [...text.matchAll(/\b(?:src|examples|test)\/[\w/.-]+\.ts\b/g)].map(([to]) => to);
    for (const to of links) assert.ok(existsSync(new URL(to, url)), to);
    for (const to of files) assert.ok(existsSync(new URL(to, ROOT)), to);
  });
}

/** A shell block of one curl line with the JSON block that follows it. */
function curlBlocks(): { readonly command: string; readonly output: string }[] {
  return [...README.matchAll(/```sh\n(curl [^\n]+)\n```\n+```json\n(.+?)\n```/gs)].map(
    ([, command = '', output = '']) => ({ command, output }),
  );
}
