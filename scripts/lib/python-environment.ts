/** A virtual environment of Python in the cache. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool, runTool } from '../interop/peers/process.ts';

/** The path of its python. Installs what the file of `requirements` says unless it has been. */
export function pythonEnvironment(cache: string, requirements: string): string {
  requireTool('python3', '--version');
  mkdirSync(cache, { recursive: true });
  const folder = join(cache, 'python');
  const python = join(folder, 'bin/python');
  const installed = join(folder, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return python;
  runTool('python3', ['-m', 'venv', folder], cache);
  runTool(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements], cache);
  copyFileSync(requirements, installed);
  return python;
}
