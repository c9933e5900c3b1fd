// A permit is leave to open credentials for one purpose; it follows from a durable record and from nothing else (I4).
import { isRecorded, type Recorded } from '../audit/recorded.ts';
import type { AdministrativeEntry, CallIntent } from '../domain/audit-entry.ts';
import { SallyportError } from '../domain/errors.ts';

/** Opens the one credential version that the call's intent names, until it is closed. */
export interface CallPermit {
  readonly purpose: 'call';
  readonly call: string;
  readonly credential: string;
  readonly version: number;
}

/** Opens every current version once, to build match tables. */
export interface MatchTablePermit {
  readonly purpose: 'match-tables';
}

/** Opens one version once, to seal its value for another target. */
export interface RebindPermit {
  readonly purpose: 'rebind';
  readonly credential: string;
  readonly version: number;
}

/** Leave to open credentials for one purpose. */
export type Permit = CallPermit | MatchTablePermit | RebindPermit;

const open = new WeakSet<object>();

/**
 * The permit of a call; null when the operation's service has no credential. Only `authorise` calls this.
 * @throws SallyportError PERMIT_INVALID when the record is not the audit's own
 */
export function callPermit(intent: Recorded<CallIntent>): CallPermit | null {
  requireGenuine(intent);
  const { call, credential, credentialVersion } = intent.entry;
  if (credential === null || credentialVersion === null) return null;
  return issue({ purpose: 'call', call, credential, version: credentialVersion });
}

/**
 * The permit to build match tables.
 * @throws SallyportError PERMIT_INVALID when the record is not the audit's own, or is of another kind
 */
export function matchTablePermit(record: Recorded<AdministrativeEntry>): MatchTablePermit {
  requireGenuine(record);
  if (record.entry.kind !== 'vault.match-tables')
    throw new SallyportError('PERMIT_INVALID', 'not a match-table record');
  return issue({ purpose: 'match-tables' });
}

/**
 * The permit to open the version that a rebind record names.
 * @throws SallyportError PERMIT_INVALID when the record is not the audit's own, or is of another kind
 */
export function rebindPermit(record: Recorded<AdministrativeEntry>): RebindPermit {
  requireGenuine(record);
  const { kind, subject, facts } = record.entry;
  const { version } = facts;
  if (kind !== 'credential.rebound' || typeof version !== 'number')
    throw new SallyportError('PERMIT_INVALID', 'not a rebind record');
  return issue({ purpose: 'rebind', credential: subject, version });
}

/** Whether a permit was issued here and has not been closed. */
export function isOpen(permit: Permit): boolean {
  return open.has(permit);
}

/** Ends a permit: what it names can no longer be opened with it. */
export function closePermit(permit: Permit): void {
  open.delete(permit);
}

function requireGenuine(record: Recorded): void {
  if (!isRecorded(record)) throw new SallyportError('PERMIT_INVALID', 'a permit needs a durable record');
}

function issue<P extends Permit>(permit: P): P {
  const frozen = Object.freeze(permit);
  open.add(frozen);
  return frozen;
}
