// One line of `sallyport doctor`.

/** What one check found. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly what: string;
  /** What to do about it; null when it is fine. */
  readonly remedy: string | null;
}

/** Something that is as it should be. */
export function ok(check: string, what: string): Finding {
  return { check, state: 'ok', what, remedy: null };
}

/** Something that works, and weakens a promise. */
export function warn(check: string, what: string, remedy: string): Finding {
  return { check, state: 'warn', what, remedy };
}

/** Something that does not work, or breaks a promise. */
export function fail(check: string, what: string, remedy: string): Finding {
  return { check, state: 'fail', what, remedy };
}
