// What Sallyport keeps for itself: a config that named one of these files as its own would hand an agent the state.

/** Which file it is, whatever it is called: hard links share it. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** The files of a state and its key. */
export interface OwnFiles {
  /** Whether a path leads there, links followed; opens nothing, because closing a file releases the locks on it (POSIX fcntl). */
  isReachedBy(path: string): boolean;
  /** Whether an open file is one of them. */
  include(file: FileIdentity): boolean;
}

/** What is said of a path that leads there. */
export const ownFileMessage = 'belongs to Sallyport itself (its state or its key): name another file';
