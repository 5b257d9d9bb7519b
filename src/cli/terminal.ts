/** Where the command's text goes. Standard output carries results and the log, standard error what people read beside them. */

export interface Terminal {
  /** The absolute folder where relative paths start. */
  readonly cwd: string;
  /** The result that was asked for, in whole lines. */
  out(text: string): void;
  /** Everything that is not the result, in whole lines. */
  err(text: string): void;
}

/** The process's own. A reader that leaves early (`| head`) is no error. */
export function processTerminal(): Terminal {
  process.stdout.on('error', ignoreGone);
  process.stderr.on('error', ignoreGone);
  return {
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
}

/** Columns as wide as their widest cell, two spaces between them, nothing behind the last. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** As `1 call`, `2 calls`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** An argument of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function ignoreGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
