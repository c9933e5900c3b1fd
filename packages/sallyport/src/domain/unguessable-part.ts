// The part of a value that an attacker cannot know: vendor prefixes, JWT headers, user names and hosts are not part of it (I11).

import { guessableWords } from './guessable-words.ts';

/** A range of characters: `start` is inside, `end` is not. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

// Prefixes that no separator ends, or whose separator is a dot.
const fixedPrefixes = ['pypi-AgEIcHlwaS5vcmc', 'AIzaSy', 'ya29.', 'SG.', 'ATATT3xFf', 'AKIA', 'ASIA', 'EAAC', 'v1.'];

/** The range of `value` that is unguessable if anything of it is. */
export function unguessablePart(value: string): TextRange {
  const range = connectionString(value) ?? namedPassword(value) ?? jsonWebToken(value) ?? vendorToken(value);
  return withoutPadding(value, range);
}

/** Whether a text has the shape of a UUID: its hyphens and its version digit are known. */
export function isUuid(value: string): boolean {
  return uuid.test(value);
}

// In `scheme://user:password@host/path` only the password is unknown; the last `@` before the path ends it.
function connectionString(value: string): TextRange | undefined {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0];
  if (scheme === undefined) return undefined;
  const authority = /^[^/?#]*/.exec(value.slice(scheme.length))?.[0] ?? '';
  const at = authority.lastIndexOf('@');
  if (at === -1) return longestSegment(value, scheme.length + authority.length);
  const colon = authority.indexOf(':');
  const start = colon === -1 || colon > at ? 0 : colon + 1;
  return { start: scheme.length + start, end: scheme.length + at };
}

// An address without user information keeps its secret in the path or the query (incoming webhooks do).
function longestSegment(value: string, from: number): TextRange {
  let longest = { start: value.length, end: value.length };
  for (const match of value.slice(from).matchAll(/[^/?&=#]+/g)) {
    const start = from + match.index;
    if (match[0].length > longest.end - longest.start) longest = { start, end: start + match[0].length };
  }
  return longest;
}

// Key-value strings of database drivers: `Server=…;Password=…`.
function namedPassword(value: string): TextRange | undefined {
  const match = /(?:^|[;\s])(?:password|pwd)\s*=\s*([^;\s]+)/i.exec(value);
  const password = match?.[1];
  if (match === null || password === undefined) return undefined;
  const end = match.index + match[0].length;
  return { start: end - password.length, end };
}

// RFC 7515 and 7516: header and payload of a signed token are data, the signature is not; of an encrypted one the header is.
function jsonWebToken(value: string): TextRange | undefined {
  if (!/^eyJ[\w-]+(\.[\w-]*)+$/.test(value)) return undefined;
  const segments = value.split('.').length;
  if (segments === 3) return { start: value.lastIndexOf('.') + 1, end: value.length };
  return segments === 5 ? { start: value.indexOf('.') + 1, end: value.length } : undefined;
}

function vendorToken(value: string): TextRange {
  if (isUuid(value)) return { start: 0, end: value.length };
  const end = value.length - checksumLength(value);
  const fixed = fixedPrefixes.find((prefix) => value.startsWith(prefix));
  if (fixed !== undefined) return { start: fixed.length, end };
  const start = wordPrefixLength(value);
  return { start: looksChosen(value.slice(start)) ? 0 : start, end };
}

// `sk_live_`, `ghp_`, `glpat-`, `sk-ant-api03-`, `xoxb-123-456-`: words of one case, then ids that are no secret.
function wordPrefixLength(value: string): number {
  const prefix = /^(?:(?:[a-z]{1,10}|[A-Z]{1,10})\d{0,2}[_-]){1,4}/.exec(value)?.[0] ?? '';
  const words = wordsOnly(prefix);
  const ids = words.length === prefix.length ? (/^(?:\d{1,16}-)*/.exec(value.slice(words.length))?.[0] ?? '') : '';
  const length = words.length + ids.length;
  return length < value.length ? length : 0;
}

// Groups that are no words may be random ones: more of them than a vendor's short name count as secret.
function wordsOnly(prefix: string): string {
  let unknownLetters = 0;
  let kept = '';
  for (const group of prefix.match(/[A-Za-z]+\d{0,2}[_-]/g) ?? []) {
    const letters = group.replace(/[^A-Za-z]/g, '').toLowerCase();
    if (!guessableWords.has(letters) && !vendorWords.has(letters)) unknownLetters += letters.length;
    if (unknownLetters > maxUnknownLetters) return kept;
    kept += group;
  }
  return kept;
}

const maxUnknownLetters = 6;
const vendorWords = new Set(
  'github gitlab openai stripe sendgrid pat live test prod admin proj svcacct secret token api key bot app user service restricted'.split(
    ' ',
  ),
);

// A passphrase such as `correct-horse-battery` has no vendor prefix: each of its segments is a word.
function looksChosen(rest: string): boolean {
  return /^\p{Lu}?\p{Ll}{1,12}(?:[-_ ](?:\p{Lu}?\p{Ll}{1,12}|\d{1,4}))*[!?.\d]{0,4}$/u.test(rest);
}

// GitHub and npm end their tokens in a CRC-32 of six characters.
function checksumLength(value: string): number {
  return /^(?:gh[pousr]|npm)_[A-Za-z0-9]{36}$/.test(value) ? 6 : 0;
}

function withoutPadding(value: string, range: TextRange): TextRange {
  let end = range.end;
  while (end > range.start && value[end - 1] === '=') end -= 1;
  return { start: range.start, end };
}
