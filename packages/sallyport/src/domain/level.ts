// What the invariants are worth depends on what stands between agent and Sallyport; the level says it plainly.

/** What is known about how this process runs. */
export interface LevelFacts {
  /** Numeric user id of this process; null where the platform has none. */
  readonly userId: number | null;
  /** Whether the agents' listener can be reached from other machines. */
  readonly isRemote: boolean;
}

/** A protection level, and what it promises. */
export interface Level {
  readonly level: 'L0' | 'L2' | 'L3';
  readonly meaning: string;
}

// Debian policy §9.2.2 and macOS: ids below 500 or 1000 are for system users, which no person or agent logs in as.
const firstPersonalUserId = 1000;

/** The level that can be claimed from what is known; the lower one when in doubt. */
export function protectionLevel(facts: LevelFacts): Level {
  if (facts.isRemote) {
    return { level: 'L3', meaning: 'agents on other machines; hold it there, an agent on this machine has less' };
  }
  if (facts.userId !== null && facts.userId > 0 && facts.userId < firstPersonalUserId) {
    return { level: 'L2', meaning: 'runs under a system user of its own; agents must run as another user' };
  }
  return {
    level: 'L0',
    meaning: 'same user, unconfined: no promise against an agent that has a shell or reads your files',
  };
}
