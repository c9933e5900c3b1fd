// Builds a scrubber from the registered values: match tables once, then linear scans of every text that leaves.
import type { RegisteredSecret } from '../vault/vault.ts';
import { Arena } from './scrub/arena.ts';
import { Grams } from './scrub/grams.ts';
import { patternsOf } from './scrub/patterns.ts';
import type { MatchTables } from './scrub/scan.ts';
import { ScanWork } from './scrub/scan-work.ts';
import { Finder, Search } from './scrub/search.ts';
import { closeSeedFilter, seedFilterOf } from './scrub/seed-filter.ts';
import { Sieve } from './scrub/sieve.ts';
import { replaceSpans } from './scrub/spans.ts';
import { SuffixAutomaton } from './scrub/suffix-automaton.ts';
import type { Scrubbed, Scrubber } from './scrubber.ts';

/** A scrubber that owns its match tables, which hold parts of values: secret memory. */
export interface OwnedScrubber extends Scrubber {
  /** Overwrites the match tables; it finds nothing from then on. */
  close(): void;
}

/** Texts up to this many UTF-16 units are scanned in a buffer that is kept. */
const scratchUnits = 16 * 1024;

/** Views of texts of some thousand bytes are made in memory that is kept. */
const arenaBytes = 256 * 1024;

/** Makes the scrubber of these values. A value with less than one window of 48 bits is left out (I11). */
export function createScrubber(secrets: readonly RegisteredSecret[]): OwnedScrubber {
  const patterns = secrets.flatMap(patternsOf);
  const tables: MatchTables = {
    automaton: new SuffixAutomaton(patterns),
    seeds: seedFilterOf(patterns),
    grams: new Grams(patterns),
  };
  const shortest = patterns.reduce((least, { windowBytes }) => Math.min(least, windowBytes), Number.POSITIVE_INFINITY);
  const buffers = new Buffers(scratchUnits * 3);
  const first = new FirstLook(tables, buffers.capacity);
  const scrubWith = (text: string, hasJsonEscapes: boolean, work = unbounded()): Scrubbed => {
    // No form of a window has fewer bytes than the window itself, and no UTF-16 unit has more than three.
    if (text.length * 3 < shortest) return { text, redactions: 0 };
    const bytes = buffers.bytesOf(text);
    let isClean = false;
    try {
      isClean = first.isClean(bytes, hasJsonEscapes, work);
      return isClean ? { text, redactions: 0 } : secondLook(tables, { text, bytes, hasJsonEscapes, work });
    } finally {
      if (!isClean) {
        bytes.fill(0);
        first.wipe();
      }
    }
  };
  return {
    scrub: (text, work) => scrubWith(text, false, work),
    scrubJson: (text, work) => scrubWith(text, text.includes('\\'), work),
    close: () => {
      tables.automaton.close();
      tables.grams.close();
      closeSeedFilter(tables.seeds);
    },
  };
}

// Lines of the log and messages are our own and short.
const unbounded = (): ScanWork => new ScanWork(Number.POSITIVE_INFINITY);

const encoder = new TextEncoder();

class Buffers {
  readonly capacity: number;
  readonly #kept: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#kept = new Uint8Array(capacity);
  }

  bytesOf(text: string): Uint8Array {
    if (text.length > scratchUnits) return Buffer.from(text);
    return this.#kept.subarray(0, encoder.encodeInto(text, this.#kept).written);
  }
}

/** Says whether anything is found, not where: what nearly every text needs no more than. */
class FirstLook {
  readonly #sieve: Sieve;
  readonly #arena = new Arena(arenaBytes);

  constructor(tables: MatchTables, keptBytes: number) {
    this.#sieve = new Sieve(tables, keptBytes);
  }

  isClean(bytes: Uint8Array, hasJsonEscapes: boolean, work: ScanWork): boolean {
    const before = work.spent;
    this.#arena.clear();
    this.#sieve.begin();
    new Search(this.#sieve, { work, arena: this.#arena }).root({ bytes, origin: null }, hasJsonEscapes);
    // What is found is looked for once more, and counted then.
    if (this.#sieve.isDone) work.returnTo(before);
    return !this.#sieve.isDone;
  }

  wipe(): void {
    this.#sieve.wipe();
    this.#arena.wipe();
  }
}

interface Suspect {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly hasJsonEscapes: boolean;
  readonly work: ScanWork;
}

function secondLook(tables: MatchTables, { text, bytes, hasJsonEscapes, work }: Suspect): Scrubbed {
  const finder = new Finder(tables);
  new Search(finder, { work, arena: null }).root({ bytes, origin: null }, hasJsonEscapes);
  const { found } = finder;
  if (found.isEmpty) return { text, redactions: 0 };
  const spans = found.settle(bytes);
  return { text: replaceSpans(text, bytes, spans), redactions: spans.length };
}
