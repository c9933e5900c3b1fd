// Reads the plainest form of a request, whole in one chunk; of everything else it says nothing, and node:http decides.
// It must never take what node:http would refuse or read in another way: in doubt it takes nothing.
import type { RequestHead } from './door-request.ts';
import { carriageReturn, colon, lineFeed, space, tab } from './http-characters.ts';

/** A request that was read whole. */
export interface NarrowRequest extends RequestHead {
  /** NaN without a content-length. */
  readonly announcedBytes: number;
  readonly body: Buffer;
}

// Below the bound of node:http, so that its refusal of longer heads is the only one.
const maxHeadBytes = 8 * 1024;
const maxHeaders = 60;
const maxDigits = 7;

const zero = 0x30;

const targetBit = 1;
const nameBit = 2;
const upperBit = 4;
const valueBit = 8;
const classes = characterClasses();

/** The request that a chunk is, no more and no less; undefined where it is not plainly that. */
export function readNarrowRequest(chunk: Buffer): NarrowRequest | undefined {
  const text = chunk.toString('latin1', 0, Math.min(chunk.length, maxHeadBytes));
  const method = text.startsWith('POST /') ? 'POST' : text.startsWith('GET /') ? 'GET' : undefined;
  if (method === undefined) return undefined;
  const targetAt = method.length + 1;
  const targetEnd = endOf(text, targetAt, targetBit);
  if (!text.startsWith(' HTTP/1.1\r\n', targetEnd)) return undefined;
  const headers: string[] = [];
  const end = readHeaderLines(text, targetEnd + 11, headers);
  const announcedBytes = end === undefined ? undefined : framing(headers);
  if (end === undefined || announcedBytes === undefined) return undefined;
  if (chunk.length !== end + (announcedBytes || 0)) return undefined;
  return { method, target: text.slice(targetAt, targetEnd), headers, announcedBytes, body: chunk.subarray(end) };
}

// Where the head ends; undefined where a line is odd, or the text ends first.
function readHeaderLines(text: string, start: number, headers: string[]): number | undefined {
  let at = start;
  while (text.charCodeAt(at) !== carriageReturn) {
    const nameAt = at;
    let seen = 0;
    let kind = classAt(text, at);
    while ((kind & nameBit) !== 0) {
      seen |= kind;
      at += 1;
      kind = classAt(text, at);
    }
    if (at === nameAt || text.charCodeAt(at) !== colon || headers.length >= 2 * maxHeaders) return undefined;
    const name = text.slice(nameAt, at);
    const valueEnd = endOf(text, at + 1, valueBit);
    if (text.charCodeAt(valueEnd) !== carriageReturn || text.charCodeAt(valueEnd + 1) !== lineFeed) return undefined;
    headers.push((seen & upperBit) === 0 ? name : name.toLowerCase(), trimmed(text, at + 1, valueEnd));
    at = valueEnd + 2;
  }
  return text.charCodeAt(at + 1) === lineFeed ? at + 2 : undefined;
}

function endOf(text: string, start: number, bit: number): number {
  let at = start;
  while ((classAt(text, at) & bit) !== 0) at += 1;
  return at;
}

// Behind its end a text has no character, and that is of no class.
function classAt(text: string, at: number): number {
  return classes[text.charCodeAt(at) | 0] ?? 0;
}

function trimmed(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

// The length of the body, NaN where none is given; undefined where a header says more about the message or the connection.
function framing(headers: readonly string[]): number | undefined {
  let announced = Number.NaN;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (name === 'content-length') {
      if (!Number.isNaN(announced)) return undefined;
      announced = lengthOf(value);
      if (Number.isNaN(announced)) return undefined;
    } else if (name === 'connection') {
      if (value !== 'keep-alive' && value !== 'Keep-Alive') return undefined;
    } else if (saysMore.has(name)) {
      return undefined;
    }
  }
  return announced;
}

const saysMore: ReadonlySet<string> = new Set([
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

// Digits and nothing else, without a zero before them; NaN for all else.
function lengthOf(value: string): number {
  let length = 0;
  for (let at = 0; at < value.length; at += 1) {
    const digit = value.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    length = length * 10 + digit;
  }
  const isPlain = value.length === 1 || (value.length <= maxDigits && value.charCodeAt(0) > zero);
  return isPlain ? length : Number.NaN;
}

function characterClasses(): Uint8Array {
  const table = new Uint8Array(256);
  for (let code = space; code <= 0x7e; code += 1) {
    const character = String.fromCharCode(code);
    const isInTarget = /[A-Za-z0-9\-._~/]/.test(character) ? targetBit : 0;
    const isInName = /[A-Za-z0-9\-_]/.test(character) ? nameBit : 0;
    const isUpper = /[A-Z]/.test(character) ? upperBit : 0;
    table[code] = valueBit | isInTarget | isInName | isUpper;
  }
  table[tab] = valueBit;
  return table;
}
