/** The names that a Connection header takes along with it, for this hop alone (RFC 9110 section 7.6.1). */
export function connectionNames(value: string | undefined): Set<string> | undefined {
  if (value === undefined) return undefined;
  return new Set(value.split(',').map((name) => name.trim().toLowerCase()));
}
