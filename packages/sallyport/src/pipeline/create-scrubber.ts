// Builds a scrubber from the registered values: match tables once, then linear scans of every text that leaves.
import type { RegisteredSecret } from '../vault/vault.ts';
import { decodedRuns } from './scrub/decoded-runs.ts';
import { escapeKinds, unescapeView, type View } from './scrub/escapes.ts';
import { patternsOf } from './scrub/patterns.ts';
import { type MatchTables, scanBytes } from './scrub/scan.ts';
import { closeSeedFilter, seedFilterOf } from './scrub/seed-filter.ts';
import { replaceSpans, SpanList } from './scrub/spans.ts';
import { SuffixAutomaton } from './scrub/suffix-automaton.ts';
import type { Scrubbed, Scrubber } from './scrubber.ts';

/** A scrubber that owns its match tables, which hold parts of values: secret memory. */
export interface OwnedScrubber extends Scrubber {
  /** Overwrites the match tables; it finds nothing from then on. */
  close(): void;
}

/** Encodings within encodings (a JSON text inside a JSON string, `%2541`, base64 of base64) are undone so many times. */
const maxUnescapes = 2;

/** Texts up to this many UTF-16 units are scanned in a buffer that is kept. */
const scratchUnits = 16 * 1024;

/** Makes the scrubber of these values. A value with less than one window of 48 bits is left out (I11). */
export function createScrubber(secrets: readonly RegisteredSecret[]): OwnedScrubber {
  const patterns = secrets.flatMap(patternsOf);
  const tables: MatchTables = { automaton: new SuffixAutomaton(patterns), seeds: seedFilterOf(patterns) };
  const shortest = patterns.reduce((least, { windowBytes }) => Math.min(least, windowBytes), Number.POSITIVE_INFINITY);
  const scratch = new Uint8Array(scratchUnits * 3);
  return {
    scrub: (text) => {
      // No form of a window has fewer bytes than the window itself, and no UTF-16 unit has more than three.
      if (text.length * 3 < shortest) return { text, redactions: 0 };
      return scrubBytes(tables, text, toBytes(text, scratch));
    },
    close: () => {
      tables.automaton.close();
      closeSeedFilter(tables.seeds);
    },
  };
}

const encoder = new TextEncoder();

function toBytes(text: string, scratch: Uint8Array): Uint8Array {
  if (text.length > scratchUnits) return Buffer.from(text);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

function scrubBytes(tables: MatchTables, text: string, bytes: Uint8Array): Scrubbed {
  const found = new SpanList();
  scanView({ bytes, origin: null }, tables, { found, unescapes: 0 });
  if (found.isEmpty) return { text, redactions: 0 };
  const spans = found.settle(bytes);
  const clean = replaceSpans(text, bytes, spans);
  bytes.fill(0);
  return { text: clean, redactions: spans.length };
}

interface Progress {
  readonly found: SpanList;
  readonly unescapes: number;
}

function scanView(view: View, tables: MatchTables, { found, unescapes }: Progress): void {
  const { bytes } = view;
  const onMatch = (start: number, end: number): void => {
    const { origin } = view;
    if (origin === null) found.add(start, end);
    else found.add(origin.starts[start] ?? 0, origin.ends[end - 1] ?? 0);
  };
  scanBytes(tables, { bytes, onMatch });
  if (unescapes === maxUnescapes) return;
  for (const kind of escapeKinds) {
    const unescaped = unescapeView(view, kind);
    if (unescaped !== null) scanView(unescaped, tables, { found, unescapes: unescapes + 1 });
  }
  for (const run of decodedRuns(view)) scanView(run, tables, { found, unescapes: unescapes + 1 });
}
