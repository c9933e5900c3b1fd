// The port to the scrubber: finds registered values in text, in every listed encoding, and takes them out.

/** Text without the registered values, and how many places were taken out. */
export interface Scrubbed {
  readonly text: string;
  readonly redactions: number;
}

/** Takes registered values out of text (I1), and stands on no match of less than 48 bits (I11). */
export interface Scrubber {
  /** Replaces every window of 48 or more unguessable bits of a registered value by `[redacted]`. */
  scrub(text: string): Scrubbed;
}
