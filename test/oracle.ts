// Looks for credentials in bytes, by decoders of its own: it shares no code with the scrubber, so that their mistakes differ.
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** A value that must not be found, and where its unguessable part begins (after a vendor prefix). */
export interface PlantedSecret {
  readonly name: string;
  readonly value: string;
  readonly unguessableFrom: number;
}

/** The largest recoverable piece of a secret in some bytes. */
export interface Recovered {
  readonly secret: string;
  readonly bits: number;
  readonly characters: number;
  /** The decoders that led to it, outermost first. */
  readonly way: readonly string[];
}

/** From this many bits of the unguessable part on, a piece counts as a leak. */
const leakBits = 48;

const maxDepth = 3;
const maxViews = 4000;
const minPiece = 4;

interface View {
  readonly bytes: Buffer;
  readonly way: readonly string[];
}

/** The largest piece of each secret that can be recovered from the bytes; pieces of under 4 characters are left out. */
export function recover(bytes: Buffer | string, secrets: readonly PlantedSecret[]): readonly Recovered[] {
  const views = allViews(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  return secrets.flatMap((secret) => {
    const found = views.map((view) => largestPiece(view, secret)).filter((piece) => piece.characters >= minPiece);
    const best = found.reduce<Recovered | undefined>(
      (a, b) => (a !== undefined && a.bits >= b.bits ? a : b),
      undefined,
    );
    return best === undefined ? [] : [best];
  });
}

/** Only what counts as a leak. */
export function leaks(bytes: Buffer | string, secrets: readonly PlantedSecret[]): readonly Recovered[] {
  return recover(bytes, secrets).filter((piece) => piece.bits >= leakBits);
}

function allViews(bytes: Buffer): readonly View[] {
  const views: View[] = [{ bytes, way: [] }];
  const seen = new Set<string>([bytes.toString('latin1')]);
  for (let index = 0; index < views.length && views.length < maxViews; index += 1) {
    const view = views[index];
    if (view === undefined || view.way.length >= maxDepth) continue;
    for (const next of decodings(view)) {
      const key = next.bytes.toString('latin1');
      if (next.bytes.length < minPiece || seen.has(key)) continue;
      seen.add(key);
      views.push(next);
    }
  }
  return views;
}

function decodings(view: View): readonly View[] {
  const text = view.bytes.toString('latin1');
  const named = (name: string, decoded: readonly Buffer[]): readonly View[] =>
    decoded.map((bytes) => ({ bytes, way: [...view.way, name] }));
  return [
    ...named('json', [unescape(text, /\\u([0-9a-f]{4})|\\(["\\/bfnrt])/gi, jsonEscape)]),
    ...named('percent', [unescape(text, /%([0-9a-f]{2})/gi, (hex) => byte(hex, 16))]),
    ...named('entity', [
      unescape(text, /&#x([0-9a-f]+);|&#(\d+);/gi, (hex, decimal) => byte(hex ?? decimal, hex === undefined ? 10 : 16)),
    ]),
    ...named('backslash-x', [unescape(text, /\\x([0-9a-f]{2})/gi, (hex) => byte(hex, 16))]),
    ...named('octal', [unescape(text, /\\([0-3][0-7]{2})/g, (digits) => byte(digits, 8))]),
    ...named('quoted-printable', [unescape(text.replace(/=\r?\n/g, ''), /=([0-9a-f]{2})/gi, (hex) => byte(hex, 16))]),
    ...named('hex-list', [unescape(text, /0x([0-9a-f]{2})(?![0-9a-f])[\s,;]*/gi, (hex) => byte(hex, 16))]),
    ...named('joined', [Buffer.from(text.replace(/[\s"',+]/g, ''), 'latin1')]),
    ...named('reversed', view.way.length === 0 ? [Buffer.from(text.split('').toReversed().join(''), 'latin1')] : []),
    ...named('utf16', [Buffer.from(text.replaceAll('\0', ''), 'latin1')]),
    ...named('base64', runs(text, /[A-Za-z0-9+/_-]{8,}/g).flatMap(fromBase64)),
    ...named('hex', runs(text, /[0-9a-f]{8,}/gi).flatMap(fromHex)),
    ...named(
      'hex-separated',
      runs(text, /(?:[0-9a-f]{2}[\s:,-]){3,}[0-9a-f]{2}/gi).map((run) =>
        Buffer.from(run.replace(/[^0-9a-f]/gi, ''), 'hex'),
      ),
    ),
    ...named(
      'decimal-codes',
      runs(text, /(?:\d{2,3}[\s,]+){3,}\d{2,3}/g).map((run) => Buffer.from(run.split(/[\s,]+/).map(Number))),
    ),
    ...named('compressed', inflated(view.bytes)),
  ];
}

function unescape(text: string, pattern: RegExp, to: (...groups: (string | undefined)[]) => string): Buffer {
  return Buffer.from(
    text.replace(pattern, (...args: unknown[]) =>
      to(...args.slice(1, 3).map((group) => (typeof group === 'string' ? group : undefined))),
    ),
    'latin1',
  );
}

function jsonEscape(hex: string | undefined, letter: string | undefined): string {
  if (hex !== undefined) return byte(hex, 16);
  const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
  return letters[letter ?? ''] ?? letter ?? '';
}

function byte(digits: string | undefined, base: number): string {
  const code = Number.parseInt(digits ?? '', base);
  return code < 256 ? String.fromCharCode(code) : '?';
}

function runs(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[0]).slice(0, 500);
}

// A run may begin in the middle of a group of four: all four alignments are tried.
function fromBase64(run: string): readonly Buffer[] {
  return [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64url'));
}

function fromHex(run: string): readonly Buffer[] {
  return [0, 1].map((skip) => Buffer.from(run.slice(skip), 'hex'));
}

function inflated(bytes: Buffer): readonly Buffer[] {
  const limits = { maxOutputLength: 4 * 1024 * 1024 };
  return [gunzipSync, inflateSync, inflateRawSync, brotliDecompressSync, zstdDecompressSync].flatMap((decompress) => {
    try {
      return [decompress(bytes, limits)];
    } catch {
      return [];
    }
  });
}

function largestPiece(view: View, secret: PlantedSecret): Recovered {
  const part = secret.value.slice(secret.unguessableFrom);
  const text = view.bytes.toString('latin1');
  let characters = 0;
  for (let from = 0; from + characters < part.length; from += 1) {
    while (from + characters < part.length && text.includes(part.slice(from, from + characters + 1))) characters += 1;
  }
  return { secret: secret.name, characters, bits: characters * bitsPerCharacter(part), way: view.way };
}

function bitsPerCharacter(part: string): number {
  if (/^[0-9]+$/.test(part)) return Math.log2(10);
  if (/^([0-9a-f]+|[0-9A-F]+)$/.test(part)) return 4;
  if (/^([a-z0-9]+|[A-Z0-9]+)$/.test(part)) return Math.log2(36);
  return /^[A-Za-z0-9]+$/.test(part) ? Math.log2(62) : 6;
}
