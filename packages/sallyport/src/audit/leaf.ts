// Turns an entry into its leaf: the exact bytes that are hashed, and the columns by which it is found.
import { assertNever } from '../domain/assert-never.ts';
import type { AuditEntry, CallIntent } from '../domain/audit-entry.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { JsonObject } from '../domain/json-value.ts';
import type { Leaf } from '../store/store.ts';
import type { CommittedDetails } from './details.ts';

/** The leaf of an entry; where there are details, the leaf commits to them. */
export function leafOf(entry: AuditEntry, committed: CommittedDetails | null, call: Leaf['call'] = null): Leaf {
  return {
    at: entry.at,
    kind: entry.kind,
    subject: subjectOf(entry),
    call,
    bytes: Buffer.from(canonicalJson(contentOf(entry, committed))),
    details: committed?.details ?? null,
  };
}

function contentOf(entry: AuditEntry, committed: CommittedDetails | null): JsonObject {
  if (committed === null) return { ...entry };
  return entry.kind === 'call.intent'
    ? intentContent(entry, committed)
    : { ...entry, commitment: committed.commitment };
}

// Every call writes one of these: with its keys in canonical order, one native pass makes the text.
function intentContent(entry: CallIntent, { commitment }: CommittedDetails): JsonObject {
  return {
    agent: entry.agent,
    approval: entry.approval,
    at: entry.at,
    call: entry.call,
    commitment,
    configDigest: entry.configDigest,
    credential: entry.credential,
    credentialVersion: entry.credentialVersion,
    decision: entry.decision,
    door: entry.door,
    effect: entry.effect,
    inputBytes: entry.inputBytes,
    kind: entry.kind,
    operation: entry.operation,
    operationDigest: entry.operationDigest,
    request: entry.request,
    rule: entry.rule,
    service: entry.service,
    session: entry.session,
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
