// Looks through a text in all the ways in which it may be read: as it stands, and with one or two encodings undone.
import { everyClass } from './byte-classes.ts';
import { decodedRuns } from './decoded-runs.ts';
import { escapeKinds, isSameView, json, type Making, unescapeView, type View } from './escapes.ts';
import { type MatchTables, scanBytes } from './scan.ts';
import type { ScanWork } from './scan-work.ts';
import { SpanList } from './spans.ts';

/** Encodings within encodings (a JSON text inside a JSON string, `%2541`, base64 of base64) are undone so many times. */
const maxUnescapes = 2;

/** Looks through one view. */
export interface Scanner {
  /** Whether it has what it was to find: other views need not be looked at. */
  readonly isDone: boolean;
  /** The classes of the view's bytes. */
  scan(view: View, work: ScanWork): number;
}

/** Looks through one text with a scanner. */
export class Search {
  readonly #scanner: Scanner;
  readonly #making: Making;
  /** Views of the last level: most ways of undoing two kinds come out the same in either order. */
  readonly #last: View[] = [];

  constructor(scanner: Scanner, making: Making) {
    this.#scanner = scanner;
    this.#making = making;
  }

  // Whoever parses JSON undoes its escapes first, and JSON text has no other backslashes: what stands in the strings,
  // and in the text around them, stands in this one view.
  root(view: View, hasJsonEscapes: boolean): void {
    const parsed = hasJsonEscapes ? unescapeView(view, json, this.#making) : null;
    if (parsed !== null) this.#scanner.scan(view, this.#making.work);
    this.#view(parsed ?? view, 0);
  }

  #view(view: View, unescapes: number): void {
    if (this.#scanner.isDone) return;
    const classes = this.#scanner.scan(view, this.#making.work);
    if (unescapes === maxUnescapes) return;
    for (const kind of escapeKinds) {
      if ((classes & kind.needs) === 0) continue;
      const unescaped = unescapeView(view, kind, this.#making);
      if (unescaped !== null) this.#next(unescaped, unescapes + 1);
    }
    const decoded = decodedRuns(view, this.#making, classes);
    if (decoded !== null) this.#next(decoded, unescapes + 1);
  }

  #next(view: View, unescapes: number): void {
    if (unescapes === maxUnescapes) {
      if (this.#last.some((known) => isSameView(known, view))) return;
      this.#last.push(view);
    }
    this.#view(view, unescapes);
  }
}

/** Finds every window, and where it stands in the text that was scanned first. */
export class Finder implements Scanner {
  readonly isDone = false;
  readonly found = new SpanList();
  readonly #tables: MatchTables;

  constructor(tables: MatchTables) {
    this.#tables = tables;
  }

  scan({ bytes, origin }: View, work: ScanWork): number {
    const onMatch = (start: number, end: number): void => {
      if (origin === null) this.found.add(start, end);
      else this.found.add(origin.starts[start] ?? 0, origin.ends[end - 1] ?? 0);
    };
    scanBytes(this.#tables, { bytes, onMatch, work });
    return everyClass;
  }
}
