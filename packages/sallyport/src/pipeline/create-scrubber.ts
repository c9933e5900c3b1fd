// Builds a scrubber from the registered values: match tables once, then linear scans of every text that leaves.
import type { RegisteredSecret } from '../vault/vault.ts';
import { decodedRuns } from './scrub/decoded-runs.ts';
import { escapeKinds, isSameView, json, unescapeView, type View } from './scrub/escapes.ts';
import { patternsOf } from './scrub/patterns.ts';
import { type MatchTables, scanBytes } from './scrub/scan.ts';
import { ScanWork } from './scrub/scan-work.ts';
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
  const scrubWith = (scan: (search: Search, root: View) => void, text: string, work = unbounded()): Scrubbed => {
    // No form of a window has fewer bytes than the window itself, and no UTF-16 unit has more than three.
    if (text.length * 3 < shortest) return { text, redactions: 0 };
    const bytes = toBytes(text, scratch);
    const search = new Search(tables, work);
    try {
      scan(search, { bytes, origin: null });
      return withoutFound(text, bytes, search.found);
    } finally {
      if (!search.found.isEmpty) bytes.fill(0);
    }
  };
  return {
    scrub: (text, work) => scrubWith((search, root) => search.text(root), text, work),
    scrubJson: (text, work) => scrubWith((search, root) => search.json(root), text, work),
    close: () => {
      tables.automaton.close();
      closeSeedFilter(tables.seeds);
    },
  };
}

// Lines of the log and messages are our own and short.
const unbounded = (): ScanWork => new ScanWork(Number.POSITIVE_INFINITY);

const encoder = new TextEncoder();

function toBytes(text: string, scratch: Uint8Array): Uint8Array {
  if (text.length > scratchUnits) return Buffer.from(text);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

function withoutFound(text: string, bytes: Uint8Array, found: SpanList): Scrubbed {
  if (found.isEmpty) return { text, redactions: 0 };
  const spans = found.settle(bytes);
  return { text: replaceSpans(text, bytes, spans), redactions: spans.length };
}

/** Looks through one text in all the ways in which it may be read. */
class Search {
  readonly found = new SpanList();
  readonly #tables: MatchTables;
  readonly #work: ScanWork;
  /** Views of the last level: most ways of undoing two kinds come out the same in either order. */
  readonly #last: View[] = [];

  constructor(tables: MatchTables, work: ScanWork) {
    this.#tables = tables;
    this.#work = work;
  }

  text(root: View): void {
    this.#view(root, 0);
  }

  // Whoever parses JSON undoes its escapes first, and JSON text has no other backslashes: what stands in the strings,
  // and in the text around them, stands in this one view.
  json(root: View): void {
    const parsed = unescapeView(root, json, this.#work);
    if (parsed !== null) this.#scan(root);
    this.#view(parsed ?? root, 0);
  }

  #view(view: View, unescapes: number): void {
    this.#scan(view);
    if (unescapes === maxUnescapes) return;
    for (const kind of escapeKinds) {
      const unescaped = unescapeView(view, kind, this.#work);
      if (unescaped !== null) this.#next(unescaped, unescapes + 1);
    }
    const decoded = decodedRuns(view, this.#work);
    if (decoded !== null) this.#next(decoded, unescapes + 1);
  }

  #next(view: View, unescapes: number): void {
    if (unescapes === maxUnescapes) {
      if (this.#last.some((known) => isSameView(known, view))) return;
      this.#last.push(view);
    }
    this.#view(view, unescapes);
  }

  #scan({ bytes, origin }: View): void {
    const onMatch = (start: number, end: number): void => {
      if (origin === null) this.found.add(start, end);
      else this.found.add(origin.starts[start] ?? 0, origin.ends[end - 1] ?? 0);
    };
    scanBytes(this.#tables, { bytes, onMatch, work: this.#work });
  }
}
