// The first schema: vault, agents, audit, calls.
import type { ColumnTypes, Migration } from './migration.ts';

/** Creates the tables of the vault, the agents, the audit and the calls. */
export const firstTables: Migration = {
  number: 1,
  name: 'first-tables',
  statements: (types) => [...vault(types), ...agents(), ...audit(types), ...calls(types)],
};

function vault({ blob }: ColumnTypes): readonly string[] {
  return [
    `create table vault_root (
      id text primary key, source text not null, parameters text not null,
      wrapped ${blob} not null, commitment ${blob} not null, created_at bigint not null)`,
    `create table vault_kek (
      epoch bigint primary key, wrapped ${blob} not null, commitment ${blob} not null, created_at bigint not null)`,
    `create table credential_version (
      credential text not null, version bigint not null, kind text not null, target text not null,
      created_at bigint not null, is_weak bigint not null, state text not null,
      kek_epoch bigint not null references vault_kek (epoch), wrapped_key ${blob} not null,
      commitment ${blob} not null, sealed ${blob} not null, blind_index text not null,
      primary key (credential, version),
      check (is_weak in (0, 1)), check (state in ('current', 'retired')))`,
    `create unique index credential_version_current on credential_version (credential) where state = 'current'`,
    `create table meta (key text primary key, value text not null)`,
  ];
}

function agents(): readonly string[] {
  return [
    `create table agent_token (
      id text primary key, agent text not null, hmac text not null unique, created_at bigint not null,
      state text not null, revoked_at bigint,
      check (state in ('active', 'revoked')))`,
    `create table session (
      id text primary key, agent text not null, opened_at bigint not null, expires_at bigint not null,
      opened_by text not null, state text not null, has_read_private bigint not null, has_read_untrusted bigint not null,
      check (state in ('open', 'ended', 'revoked')))`,
    `create unique index session_of_agent on session (agent) where state in ('open', 'revoked')`,
  ];
}

function audit({ blob, sequenceKey }: ColumnTypes): readonly string[] {
  return [
    `create table audit_leaf (
      seq ${sequenceKey}, at bigint not null, kind text not null, subject text,
      leaf ${blob} not null, hash ${blob} not null)`,
    `create index audit_leaf_kind on audit_leaf (kind, at)`,
    `create index audit_leaf_subject on audit_leaf (subject)`,
    `create table audit_detail (seq ${sequenceKey}, record_key ${blob}, sealed ${blob} not null)`,
    `create table audit_head (
      id bigint primary key, size bigint not null, root ${blob} not null, frontier ${blob} not null,
      check (id = 1))`,
  ];
}

function calls({ blob }: ColumnTypes): readonly string[] {
  return [
    `create table open_call (call text primary key, at bigint not null, operation text not null)`,
    `create table idempotency (
      agent text not null, key_hmac text not null, operation text not null, input_hmac text not null,
      call text not null, state text not null, outcome ${blob}, created_at bigint not null, expires_at bigint not null,
      primary key (agent, key_hmac),
      check (state in ('open', 'done')))`,
    `create index idempotency_expiry on idempotency (expires_at)`,
  ];
}
