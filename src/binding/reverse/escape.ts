/** Percent-encoding as google/api/http.proto asks for: all but `-_.~0-9a-zA-Z`. So nothing that a client sends ends a path, a query or a line. */

const UNRESERVED = /^[-_.~0-9A-Za-z]*$/;
/** What encodeURIComponent leaves beside the unreserved ones. */
const LEFT = /[!'()*]/g;

/** The text must be well-formed, which text that was UTF-8 is. */
export function escapeText(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text).replace(
    LEFT,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
