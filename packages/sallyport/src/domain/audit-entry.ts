// What the audit records: ids, templates, decisions and sizes. Never arguments, SQL values, reply text, or strings that an agent chose.

/** Fields that every entry has. */
interface EntryCommon {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A call that was allowed: durable before its credential is opened. */
export interface CallIntent extends EntryCommon {
  readonly kind: 'call.intent';
  readonly call: string;
  readonly door: string;
  readonly agent: string;
  readonly session: string;
  readonly operation: string;
  readonly operationDigest: string;
  readonly configDigest: string;
  readonly effect: string;
  readonly decision: 'allow';
  /** Id of the approval that was used; null where the grant needs none. */
  readonly approval: string | null;
  /** Path of the grant in the config. */
  readonly rule: string;
  readonly service: string;
  /** Method and path template, or `sql`; never a filled-in path. */
  readonly request: string;
  readonly credential: string | null;
  readonly credentialVersion: number | null;
  readonly inputBytes: number;
}

/** How an intent ended: durable before the reply ends. */
export interface CallOutcomeEntry extends EntryCommon {
  readonly kind: 'call.outcome';
  readonly call: string;
  /** `cut`: Sallyport was stopped in between; `indeterminate`: the service may or may not have done it. */
  readonly result: 'ok' | 'failed' | 'indeterminate' | 'cut';
  readonly code: string | null;
  readonly upstreamStatus: number | null;
  readonly replyBytes: number;
  readonly redactions: number;
  readonly durationMs: number;
}

/** A call of a known agent that was not allowed; it has this one record. */
export interface CallRefused extends EntryCommon {
  readonly kind: 'call.refused';
  readonly call: string;
  readonly door: string;
  readonly agent: string;
  readonly session: string | null;
  /** Null when the name is not in the catalogue: agent-chosen text stays in the sealed details. */
  readonly operation: string | null;
  readonly configDigest: string;
  readonly code: string;
  readonly reason: string;
  readonly rule: string | null;
}

/** Refusals before authentication, counted for each window. */
export interface UnauthenticatedWindow extends EntryCommon {
  readonly kind: 'door.unauthenticated';
  readonly fromMs: number;
  readonly counts: Readonly<Record<string, number>>;
}

const administrativeKinds = [
  'server.started',
  'server.stopped',
  'config.loaded',
  'vault.created',
  'vault.unlock-changed',
  'vault.match-tables',
  'credential.added',
  'credential.rebound',
  'credential.removed',
  'metrics.token-made',
  'agent.added',
  'agent.renewed',
  'agent.revoked',
  'approval.requested',
  'approval.allowed',
  'approval.refused',
  'audit.signer-added',
  'audit.details-erased',
  'session.opened',
  'session.revoked',
  'session.reopened',
] as const;

/** Every kind of entry. */
export const auditKinds = [
  ...(['call.intent', 'call.outcome', 'call.refused', 'door.unauthenticated'] as const),
  ...administrativeKinds,
];

/** What an operator or Sallyport itself did: a subject and public facts about it. */
export interface AdministrativeEntry extends EntryCommon {
  readonly kind: (typeof administrativeKinds)[number];
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** One leaf of the audit tree. */
export type AuditEntry = CallIntent | CallOutcomeEntry | CallRefused | UnauthenticatedWindow | AdministrativeEntry;
