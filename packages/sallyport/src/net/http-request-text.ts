// Writes an HTTP/1.1 request, and refuses what a server could read as more than the line that it is.
import { SallyportError } from '../domain/errors.ts';

/** A request as it will be written. */
export interface RequestParts {
  readonly method: string;
  /** Origin-form: path and query. */
  readonly path: string;
  /** Names in lower case and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | null;
}

const methodPattern = /^[A-Z]{1,16}$/;
// No control character, no space, and no fragment, which is never sent.
const pathPattern = /^\/[\x21\x22\x24-\x7e]*$/;
const namePattern = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const valuePattern = /^[\t\x20-\x7e]*$/;
// The connection and where the message ends are ours to say.
const ownedHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);
const bodyMethods = new Set(['POST', 'PUT', 'PATCH']);

/** A request as text: its head, which is ASCII, and its body. */
export interface RequestText {
  readonly text: string;
  /** How its characters become bytes. */
  readonly encoding: 'latin1' | 'utf8';
}

/**
 * The text of a request.
 * @param authority host and port as the Host header has them
 * @throws SallyportError INTERNAL when a part cannot stand where it is put
 */
export function requestText(authority: string, { method, path, headers, body }: RequestParts): RequestText {
  if (!methodPattern.test(method) || !pathPattern.test(path)) throw unfit();
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\nconnection: keep-alive\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1];
    if (value === undefined || !namePattern.test(name) || ownedHeaders.has(name) || !valuePattern.test(value)) {
      throw unfit();
    }
    text += `${name}: ${value}\r\n`;
  }
  const bodyBytes = body === null ? 0 : Buffer.byteLength(body);
  text += bodyBytes > 0 || bodyMethods.has(method) ? `content-length: ${bodyBytes}\r\n\r\n` : '\r\n';
  if (body === null) return { text, encoding: 'latin1' };
  // A body without characters beyond ASCII has one byte for each, and is written faster as what it is.
  return { text: text + body, encoding: bodyBytes === body.length ? 'latin1' : 'utf8' };
}

function unfit(): SallyportError {
  return new SallyportError('INTERNAL', 'a part of the request cannot stand where it is put; nothing was sent');
}
