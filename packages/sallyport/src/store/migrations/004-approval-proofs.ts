// What shows that a yes was given by whoever holds the root key, and not written into the table.
import type { Migration } from './migration.ts';

/** Adds the proof of a yes; those without one are asked for again. */
export const approvalProofs: Migration = {
  number: 4,
  name: 'approval-proofs',
  statements: () => [
    `alter table approval add column proof text`,
    `update approval set state = 'expired' where state = 'allowed'`,
  ],
};
