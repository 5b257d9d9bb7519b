/** The text of `grpc-message` (gRPC over HTTP/2, "Responses"): UTF-8, percent-encoded. */

/**
 * What is no percent-encoding is kept as it is, since a status must arrive whatever decorates it; bytes that are no UTF-8 become
 * replacement characters.
 */
export function decodeMessage(value: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(value)) return value;
  const bytes = Buffer.allocUnsafe(value.length);
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const pair = value.slice(i + 1, i + 3);
    if (value[i] === '%' && /^[0-9A-Fa-f]{2}$/.test(pair)) {
      bytes[length++] = Number.parseInt(pair, 16);
      i += 2;
    } else {
      // Headers are read byte by byte: a service that sent plain UTF-8 is understood as well.
      bytes[length++] = value.charCodeAt(i);
    }
  }
  return bytes.toString('utf8', 0, length);
}

/** UTF-8, with everything but printable ASCII and the percent sign itself percent-encoded. */
export function encodeMessage(message: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(message)) return message;
  let text = '';
  for (const byte of Buffer.from(message)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    text += plain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}
