// Calls in flight are known by their intents: no row is written and deleted for each, and no index holds the records of
// calls; marks in time lead to them.
import type { Migration } from './migration.ts';

/** Takes the oldest call in flight over into the head of the audit; keeps indexes for what is not one of a call's two records. */
export const openCalls: Migration = {
  number: 5,
  name: 'open-calls',
  statements: () => [
    `alter table audit_head add column open_from bigint not null default 0`,
    `update audit_head set open_from = coalesce((
      select min(audit_leaf.seq) from audit_leaf inner join open_call on open_call.call = audit_leaf.subject
      where audit_leaf.kind = 'call.intent'), size)`,
    `drop table open_call`,
    `drop index audit_leaf_kind`,
    `drop index audit_leaf_subject`,
    `create index audit_leaf_kind on audit_leaf (kind, at) where kind <> 'call.intent' and kind <> 'call.outcome'`,
    `create index audit_leaf_subject on audit_leaf (subject) where kind <> 'call.intent' and kind <> 'call.outcome'`,
    `create table audit_time (seq bigint primary key, at bigint not null)`,
    `insert into audit_time (seq, at)
      select seq + 1, latest from (select seq, max(at) over (order by seq) as latest from audit_leaf) as leaves
      where seq % 1024 = 1023`,
  ],
};
