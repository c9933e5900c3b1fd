// A problem is something wrong in the config, with the place where it stands; all are reported at once.

/** Keys and indexes from the document's root. */
export type ConfigPath = readonly (string | number)[];

/** Something wrong (`error`), or accepted but worth knowing (`warning`), at a place in the config. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly path: ConfigPath;
  /** Says what is wrong and what to write instead; holds no value that could be a secret. */
  readonly message: string;
}

/** A problem with its position in the file; line and column count from 1. */
export interface LocatedProblem extends Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
