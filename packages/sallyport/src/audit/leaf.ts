// Turns an entry into its leaf: the exact bytes that are hashed, and the columns by which it is found.
import { assertNever } from '../domain/assert-never.ts';
import type { AuditEntry } from '../domain/audit-entry.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Leaf } from '../store/store.ts';
import type { CommittedDetails } from './details.ts';

/** The leaf of an entry; where there are details, the leaf commits to them. */
export function leafOf(entry: AuditEntry, committed: CommittedDetails | null): Leaf {
  const text = canonicalJson(committed === null ? { ...entry } : { ...entry, commitment: committed.commitment });
  return {
    at: entry.at,
    kind: entry.kind,
    subject: subjectOf(entry),
    bytes: Buffer.from(text),
    details: committed?.details ?? null,
  };
}

/** Call id or administrative subject; null where an entry has none. */
export function subjectOf(entry: AuditEntry): string | null {
  switch (entry.kind) {
    case 'call.intent':
    case 'call.outcome':
    case 'call.refused':
      return entry.call;
    case 'door.unauthenticated':
      return null;
    case 'server.started':
    case 'server.stopped':
    case 'config.loaded':
    case 'vault.created':
    case 'vault.unlock-changed':
    case 'vault.match-tables':
    case 'credential.added':
    case 'credential.rebound':
    case 'credential.removed':
    case 'metrics.token-made':
    case 'agent.added':
    case 'agent.renewed':
    case 'agent.revoked':
    case 'approval.requested':
    case 'approval.allowed':
    case 'approval.refused':
    case 'audit.signer-added':
    case 'audit.details-erased':
    case 'session.opened':
    case 'session.revoked':
    case 'session.reopened':
      return entry.subject;
    default:
      return assertNever(entry);
  }
}
