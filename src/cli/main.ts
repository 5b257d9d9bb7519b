/** Runs one command and ends the process with its exit code. Each command is loaded when it is the one. */
import { parseCommand, type Command } from './arguments.ts';
import { EXIT_OK } from './exit-codes.ts';
import { describeFailure } from './failure.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** Never rejects. */
export async function main(): Promise<void> {
  const terminal = processTerminal();
  const exitCode = await runCommand(process.argv.slice(2), terminal);
  // A pipe may take its time: behind an empty write, everything before it is out.
  process.stdout.write('', () => process.exit(exitCode));
}

/** The exit code of a command line; never rejects. */
async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(parseCommand(argv), terminal);
  } catch (thrown) {
    const { text, exitCode } = describeFailure(thrown);
    terminal.err(text);
    return exitCode;
  }
}

async function run(command: Command, terminal: Terminal): Promise<number> {
  switch (command.kind) {
    case 'help': {
      const { HELP } = await import('./help.ts');
      terminal.out(HELP);
      return EXIT_OK;
    }
    case 'version': {
      const { version } = await import('./help.ts');
      terminal.out(`${version()}\n`);
      return EXIT_OK;
    }
    case 'serve': {
      const { serve } = await import('./serve.ts');
      return serve(command, terminal);
    }
    case 'check': {
      const { check } = await import('./check.ts');
      return check(command, terminal);
    }
    case 'routes': {
      const { routes } = await import('./routes.ts');
      return routes(command, terminal);
    }
    case 'explain': {
      const { explain } = await import('./explain.ts');
      return explain(command, terminal);
    }
  }
}
