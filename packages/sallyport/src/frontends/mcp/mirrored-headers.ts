// MCP mirrors parts of the body into headers; where the two disagree, somebody on the way believed something else (SEP-2243).
import { SallyportError } from '../../domain/errors.ts';
import type { HeaderValue } from '../request-headers.ts';

const prefix = '=?base64?';
const suffix = '?=';
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Value of a header that must not be repeated.
 * @throws SallyportError REQUEST_HEADER_MISMATCH
 */
export function singleHeader(name: string, header: HeaderValue): string | undefined {
  if (header.kind === 'repeated') throw mismatch(`send the header ${name} once`);
  return header.kind === 'one' ? header.value : undefined;
}

/**
 * Holds a header to the value in the body; undefined: the body has none, and neither may the headers.
 * @throws SallyportError REQUEST_HEADER_MISMATCH
 */
export function requireMirror(name: string, header: HeaderValue, inBody: string | undefined): void {
  const value = singleHeader(name, header);
  if (value === undefined && inBody !== undefined) throw mismatch(`send the header ${name}, equal to the body`);
  if (value !== inBody) throw mismatch(`the header ${name} differs from the body; send the same in both`);
}

/**
 * Like `requireMirror`, for the header whose value may come in Base64 (`=?base64?…?=`).
 * @throws SallyportError REQUEST_HEADER_MISMATCH
 */
export function requireEncodedMirror(name: string, header: HeaderValue, inBody: string | undefined): void {
  const value = singleHeader(name, header);
  const decoded: HeaderValue = value === undefined ? header : { kind: 'one', value: decodeSentinel(name, value) };
  requireMirror(name, decoded, inBody);
}

function decodeSentinel(name: string, value: string): string {
  if (value.length < prefix.length + suffix.length || !value.startsWith(prefix) || !value.endsWith(suffix)) {
    if (!/^[\x20-\x7e\t]*$/.test(value))
      throw mismatch(`the header ${name} has characters that must be sent in Base64`);
    return value;
  }
  const text = value.slice(prefix.length, -suffix.length);
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is not Base64; only the one canonical spelling is taken.
  if (bytes.toString('base64') !== text) throw mismatch(`the Base64 of the header ${name} is malformed`);
  try {
    return decoder.decode(bytes);
  } catch {
    throw mismatch(`the Base64 of the header ${name} is not UTF-8`);
  }
}

function mismatch(text: string): SallyportError {
  return new SallyportError('REQUEST_HEADER_MISMATCH', text);
}
