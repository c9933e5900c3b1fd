// Reads the head of an HTTP/1.1 response by the letter of RFC 9112: what two readers could take for two things is refused.
import { carriageReturn, colon, isTokenByte, isValueByte, lineFeed, space, tab } from './http-characters.ts';

/** The head of a response, and what it says of the body and the connection. */
export interface ResponseHead {
  readonly status: number;
  /** Names in lower case and values in turn, in the order received. */
  readonly headers: readonly string[];
  /** Null where it does not say. */
  readonly contentLength: number | null;
  readonly isChunked: boolean;
  /** Whether the connection may be used again. */
  readonly keepsAlive: boolean;
  /** How long the server says that it keeps an idle connection; null where it does not say. */
  readonly keepAliveSeconds: number | null;
}

const zero = 0x30;
// "HTTP/1.1 200"
const statusAt = 9;
const reasonAt = 12;
const closeToken = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
const keepAliveTimeout = /(?:^|[,;])[\t ]*timeout[\t ]*=[\t ]*"?(\d{1,9})/i;

/** The head in a text of one character a byte, from the status line to the end of the last header line; undefined when it is malformed. */
export function readResponseHead(text: string): ResponseHead | undefined {
  const status = readStatus(text);
  const linesAt = status === undefined ? -1 : lineEnd(text, reasonAt);
  if (status === undefined || linesAt < 0) return undefined;
  const headers: string[] = [];
  for (let at = linesAt; at < text.length; ) {
    at = readLine(text, at, headers);
    if (at < 0) return undefined;
  }
  return framed(status, headers, text.charCodeAt(7) === zero);
}

function readStatus(text: string): number | undefined {
  const version = text.charCodeAt(7);
  if (!text.startsWith('HTTP/1.') || (version !== zero && version !== zero + 1)) return undefined;
  if (text.charCodeAt(8) !== space) return undefined;
  let status = 0;
  for (let at = statusAt; at < reasonAt; at += 1) {
    const digit = text.charCodeAt(at) - zero;
    // Written so that a missing character, which is NaN, is refused as well.
    if (!(digit >= 0 && digit <= 9)) return undefined;
    status = status * 10 + digit;
  }
  // The space before an empty reason phrase is left out by some, which changes nothing.
  const next = text.charCodeAt(reasonAt);
  return status >= 100 && (next === space || next === carriageReturn) ? status : undefined;
}

// Where the next line begins; -1 when the line holds a control character or does not end in CR LF.
function lineEnd(text: string, from: number): number {
  let at = from;
  while (isValueByte[text.charCodeAt(at)] === 1) at += 1;
  return text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === lineFeed ? at + 2 : -1;
}

// A line that begins with white space (obs-fold), or has some before the colon, has no name here.
function readLine(text: string, from: number, headers: string[]): number {
  let at = from;
  while (isTokenByte[text.charCodeAt(at)] === 1) at += 1;
  if (at === from || text.charCodeAt(at) !== colon) return -1;
  const next = lineEnd(text, at + 1);
  if (next < 0) return -1;
  let start = at + 1;
  let end = next - 2;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  headers.push(text.slice(from, at).toLowerCase(), text.slice(start, end));
  return next;
}

function isSpace(code: number): boolean {
  return code === space || code === tab;
}

// RFC 9112 §6: two statements about the length, even equal ones, are how responses are split and smuggled.
function framed(status: number, headers: readonly string[], isOldVersion: boolean): ResponseHead | undefined {
  let length: string | undefined;
  let encoding: string | undefined;
  let keepsAlive = !isOldVersion;
  let keepAliveSeconds: number | null = null;
  for (let index = 0; index < headers.length; index += 2) {
    const value = headers[index + 1] ?? '';
    switch (headers[index]) {
      case 'content-length':
        if (length !== undefined || !/^\d{1,15}$/.test(value)) return undefined;
        length = value;
        break;
      case 'transfer-encoding':
        if (encoding !== undefined || value.toLowerCase() !== 'chunked') return undefined;
        encoding = value;
        break;
      case 'connection':
        if (value !== 'keep-alive' && closeToken.test(value)) keepsAlive = false;
        break;
      case 'keep-alive':
        keepAliveSeconds = Number(keepAliveTimeout.exec(value)?.[1] ?? Number.NaN);
        if (Number.isNaN(keepAliveSeconds)) keepAliveSeconds = null;
        break;
      default:
    }
  }
  // Chunks are unknown to HTTP/1.0: whoever sends them with it has been misread on the way.
  if (encoding !== undefined && (length !== undefined || isOldVersion)) return undefined;
  const contentLength = length === undefined ? null : Number(length);
  return { status, headers, contentLength, isChunked: encoding !== undefined, keepsAlive, keepAliveSeconds };
}
