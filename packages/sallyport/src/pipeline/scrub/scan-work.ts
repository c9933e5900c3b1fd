// Bounds how much is looked through for one reply: one that takes more is withheld, never released unseen (I9).
import { SallyportError } from '../../domain/errors.ts';

/** Counts bytes that are looked at: in every view of a text once, along a suspected value twice, as that takes longer. */
export class ScanWork {
  readonly limit: number;
  #spent = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get spent(): number {
    return this.#spent;
  }

  /** Takes back what was spent since: the same bytes will be looked at and counted again. */
  returnTo(spent: number): void {
    this.#spent = spent;
  }

  /** @throws SallyportError UPSTREAM_REPLY_UNREADABLE beyond the limit */
  spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent <= this.limit) return;
    throw new SallyportError(
      'UPSTREAM_REPLY_UNREADABLE',
      'the reply is written in too many encodings to be looked through for credentials, so it is withheld; the operator can name fewer fields in the reply policy',
    );
  }
}

// Ordinary replies take 1 to 30 for each byte: links in HTML within JSON are read in a dozen ways.
const perByte = 40;
const atLeast = 256 * 1024;

/** The work that a reply of so many UTF-16 units may take. */
export function workOfReply(units: number): ScanWork {
  return new ScanWork(atLeast + perByte * units);
}
