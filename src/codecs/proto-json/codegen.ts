/** Whether code may be made from text in this process: not under `--disallow-code-generation-from-strings`. */

let allowed: boolean | undefined;

/** Tried once. */
export function codegenAllowed(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function('return true')() === true;
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
      allowed = false;
    }
  }
  return allowed;
}
