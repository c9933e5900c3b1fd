// Held calls, and what an operator said to them.
import type { Migration } from './migration.ts';

/** Creates the table of approvals. */
export const approvals: Migration = {
  number: 3,
  name: 'approvals',
  statements: ({ blob }) => [
    `create table approval (
      id text primary key, binding text not null, agent text not null, operation text not null,
      operation_digest text not null, config_digest text not null, rule text not null, input ${blob} not null,
      state text not null, requested_at bigint not null, expires_at bigint not null, decided_at bigint,
      check (state in ('pending', 'allowed', 'refused', 'used', 'expired')))`,
    `create unique index approval_live on approval (binding) where state in ('pending', 'allowed')`,
    `create index approval_binding on approval (binding, requested_at)`,
    `create index approval_agent on approval (agent, state)`,
  ],
};
