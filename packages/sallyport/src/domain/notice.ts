// Something that an operator should know about an installation, and what to do about it.

/** A notice, in plain words. */
export interface Notice {
  readonly what: string;
  /** Null where nothing is to be done: it is meant so, and weakens a promise. */
  readonly remedy: string | null;
}

/** A notice of something to do. */
export function todo(what: string, remedy: string): Notice {
  return { what, remedy };
}

/** A notice of something that the config asks for, and that is worth knowing. */
export function remark(what: string): Notice {
  return { what, remedy: null };
}
