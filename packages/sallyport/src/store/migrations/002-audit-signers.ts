// What signs the audit, and the last thing that it signed.
import type { Migration } from './migration.ts';

/** Creates the tables of the audit's signers and of its last checkpoint. */
export const auditSigners: Migration = {
  number: 2,
  name: 'audit-signers',
  statements: ({ blob }) => [
    `create table audit_signer (
      key text primary key, wrapped ${blob} not null, created_at bigint not null, state text not null,
      check (state in ('current', 'retired')))`,
    `create unique index audit_signer_current on audit_signer (state) where state = 'current'`,
    `create table audit_checkpoint (id bigint primary key, size bigint not null, note text not null, created_at bigint not null)`,
  ],
};
