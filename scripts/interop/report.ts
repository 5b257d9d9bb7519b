/** Prints each case with its result, and counts. */

/** None of the cases takes long; one that hangs must not hang the rest. */
const CASE_MS = 30_000;

export class Report {
  #passed = 0;
  #failed = 0;

  async run(where: string, name: string, work: () => Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end within ${CASE_MS} ms`)), CASE_MS);
    });
    try {
      await Promise.race([work(), late]);
      this.#passed++;
      console.log(`ok      ${where}: ${name}`);
    } catch (error) {
      this.#failed++;
      const said = error instanceof Error ? error.message : String(error);
      console.log(`FAILED  ${where}: ${name}: ${said}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The peer does not have what this case is about. */
  lacks(where: string, name: string): void {
    console.log(`lacks   ${where}: ${name}`);
  }

  /** A whole peer could not be used; `red` where that is a failure. */
  leftOut(name: string, error: unknown, red: boolean): void {
    const said = error instanceof Error ? error.message : String(error);
    console.log(`${red ? 'FAILED  ' : 'left out'} ${name}: ${said}`);
    if (red) this.#failed++;
  }

  /** The last line; the exit code says the same. */
  close(): void {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    if (this.#failed > 0 || this.#passed === 0) process.exitCode = 1;
  }
}
