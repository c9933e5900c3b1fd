// The port to the scrubber: finds registered values in text, in every listed encoding, and takes them out.

import type { ScanWork } from './scrub/scan-work.ts';

/** Text without the registered values, and how many places were taken out. */
export interface Scrubbed {
  readonly text: string;
  readonly redactions: number;
}

/**
 * Takes registered values out of text (I1), and stands on no match of less than 48 bits (I11).
 * @throws SallyportError UPSTREAM_REPLY_UNREADABLE when that takes more work than is given
 */
export interface Scrubber {
  /** Replaces every window of 48 or more unguessable bits of a registered value by `[redacted]`. */
  scrub(text: string, work?: ScanWork): Scrubbed;
  /** The same for JSON text: its strings are looked through as whoever parses it gets them. */
  scrubJson(text: string, work?: ScanWork): Scrubbed;
}
