// Which bytes an HTTP message may hold where: a table for each place, because replies are read byte by byte.

/** RFC 9110 §5.6.2: what names of headers consist of. */
export const isTokenByte: Uint8Array = table((code) => /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(code)));

/** RFC 9110 §5.5: what values of headers and reason phrases consist of; no control character but the tab. */
export const isValueByte: Uint8Array = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f));

/** The value of a hexadecimal digit; -1 for every other byte. */
export const hexValue: Int8Array = Int8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const space = 0x20;
export const colon = 0x3a;
export const semicolon = 0x3b;

function table(holds: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (holds(code) ? 1 : 0));
}
