/** The tool: built once into the cache from Go modules of fixed versions. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../lib/unavailable.ts';

const VERSION = 'v2.2.1';
/** It has no go.mod of its own, so its dependencies are said here. */
const GO_MOD = `module polygate.invalid/h2spec

go 1.24

require (
	github.com/fatih/color v1.19.0
	github.com/spf13/cobra v1.10.2
	github.com/summerwind/h2spec ${VERSION}+incompatible
	golang.org/x/net v0.62.0
)
`;
const IMPORTS = `//go:build tools

package tools

import _ "github.com/summerwind/h2spec/cmd/h2spec"
`;
const BUILD_TIMEOUT_MS = 300_000;

/** The path of the binary. Throws {@link Unavailable} where there is no Go. */
export function buildH2spec(cache: string): string {
  const binary = join(cache, `h2spec-${VERSION}`);
  if (existsSync(binary)) return binary;
  if (spawnSync('go', ['version']).status !== 0)
    throw new Unavailable('there is no Go to build it');
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'go.mod'), GO_MOD);
  writeFileSync(join(cache, 'tools.go'), IMPORTS);
  go(cache, 'mod', 'tidy');
  go(cache, 'build', '-o', binary, 'github.com/summerwind/h2spec/cmd/h2spec');
  return binary;
}

function go(cwd: string, ...words: string[]): void {
  const { status, stderr, error } = spawnSync('go', words, {
    cwd,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`go ${words.join(' ')}: ${stderr}`);
}
