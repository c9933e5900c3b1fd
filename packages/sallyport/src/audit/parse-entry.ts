// Reads leaves back as entries: only what has the fields of its kind is an entry.
import type { AuditEntry } from '../domain/audit-entry.ts';

/** A leaf that was read back. */
export interface StoredEntry {
  /** Index in the tree, from 0. */
  readonly leaf: number;
  readonly entry: AuditEntry;
  /** What the leaf says about its details; null where it has none. */
  readonly commitment: string | null;
}

type FieldType = 'string' | 'number' | 'string?' | 'number?' | 'object';

const administrative = { subject: 'string', facts: 'object' } as const;

const fieldsOfKind: Readonly<Record<AuditEntry['kind'], Readonly<Record<string, FieldType>>>> = {
  'call.intent': {
    call: 'string',
    door: 'string',
    agent: 'string',
    session: 'string',
    operation: 'string',
    operationDigest: 'string',
    configDigest: 'string',
    effect: 'string',
    decision: 'string',
    approval: 'string?',
    rule: 'string',
    service: 'string',
    request: 'string',
    credential: 'string?',
    credentialVersion: 'number?',
    inputBytes: 'number',
  },
  'call.outcome': {
    call: 'string',
    result: 'string',
    code: 'string?',
    upstreamStatus: 'number?',
    replyBytes: 'number',
    redactions: 'number',
    durationMs: 'number',
  },
  'call.refused': {
    call: 'string',
    door: 'string',
    agent: 'string',
    session: 'string?',
    operation: 'string?',
    configDigest: 'string',
    code: 'string',
    reason: 'string',
    rule: 'string?',
  },
  'door.unauthenticated': { fromMs: 'number', counts: 'object' },
  'server.started': administrative,
  'server.stopped': administrative,
  'config.loaded': administrative,
  'vault.created': administrative,
  'vault.unlock-changed': administrative,
  'vault.match-tables': administrative,
  'credential.added': administrative,
  'credential.rebound': administrative,
  'credential.removed': administrative,
  'metrics.token-made': administrative,
  'agent.added': administrative,
  'agent.renewed': administrative,
  'agent.revoked': administrative,
  'approval.requested': administrative,
  'approval.allowed': administrative,
  'approval.refused': administrative,
  'audit.signer-added': administrative,
  'audit.details-erased': administrative,
  'session.opened': administrative,
  'session.revoked': administrative,
  'session.reopened': administrative,
};

/** The entry in the bytes of a leaf; undefined when they hold none. */
export function parseEntry(leaf: number, bytes: Uint8Array): StoredEntry | undefined {
  const value = parseJson(bytes);
  if (typeof value !== 'object' || value === null) return undefined;
  const { commitment = null, ...entry }: Readonly<Record<string, unknown>> = { ...value };
  if (commitment !== null && typeof commitment !== 'string') return undefined;
  return isAuditEntry(entry) ? { leaf, entry, commitment } : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function isAuditEntry(value: unknown): value is AuditEntry {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  if (typeof fields['at'] !== 'number' || typeof fields['kind'] !== 'string' || !isKind(fields['kind'])) return false;
  const expected = fieldsOfKind[fields['kind']];
  return (
    Object.keys(fields).length === Object.keys(expected).length + 2 &&
    Object.entries(expected).every(([name, type]) => hasType(fields[name], type))
  );
}

function isKind(kind: string): kind is AuditEntry['kind'] {
  return Object.hasOwn(fieldsOfKind, kind);
}

function hasType(value: unknown, type: FieldType): boolean {
  if (type.endsWith('?') && value === null) return true;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return type.startsWith(typeof value);
}
