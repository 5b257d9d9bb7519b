/** Defaults of fields as protoc writes them. Source: descriptor.proto, `default_value`. */

export function doubleText(written: string): string {
  return numberText(written, [15, 17], (value) => value);
}

export function floatText(written: string): string {
  return numberText(written, [6, 9], Math.fround);
}

/** C's escapes; every byte that is not printable ASCII is three octal digits. */
export function cEscape(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const known = ESCAPES.get(byte);
    if (known !== undefined) text += known;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return text;
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
  [34, '\\"'],
  [39, "\\'"],
  [92, '\\\\'],
]);

/** The fewer digits where they are the same number. */
function numberText(
  written: string,
  [few, many]: readonly [number, number],
  round: (value: number) => number,
): string {
  if (/^-?(?:inf|nan)$/.test(written)) return written.endsWith('nan') ? 'nan' : written;
  const sign = written.startsWith('-') ? -1 : 1;
  const value = round(sign * Number(written.replace(/^-/, '').replace(/(?<!^0[xX].*)[fF]$/, '')));
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const short = general(value, few);
  return round(Number(short)) === value ? short : general(value, many);
}

/** C's `%.<digits>g`. */
function general(value: number, digits: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', power = '0'] = value.toExponential(digits - 1).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) {
    return trimZeros(value.toFixed(Math.max(digits - 1 - exponent, 0)));
  }
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${trimZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${size}`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
