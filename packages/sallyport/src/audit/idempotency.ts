// What an idempotency key remembers: keys and inputs as HMAC only, outcomes sealed, each under a key of its call.
import { createHmac } from 'node:crypto';
import { type ErrorCode, errorCodes, SallyportError } from '../domain/errors.ts';
import { query } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import type { IdempotencyTable } from '../store/tables/idempotency.ts';
import type { EarlierOutcome, IdempotencyClaim } from './call-journal.ts';
import { open, seal } from './details.ts';

/** How long an outcome is kept for repeats. */
const keptMs = 86_400_000;

const maxKeptBytes = 65_536;

/** A claim as it is stored and looked up. */
export interface ClaimKey {
  readonly agent: string;
  readonly keyHmac: string;
  readonly inputHmac: string;
}

/** What the row of a key says about a new call with that key. */
export type ClaimVerdict =
  | { readonly kind: 'free'; readonly replaces: string | null }
  | { readonly kind: 'repeated'; readonly earlier: EarlierOutcome };

/** The stored form of a claim. */
export function claimKey(detailsKey: Uint8Array, claim: IdempotencyClaim): ClaimKey {
  return {
    agent: claim.agent,
    keyHmac: labelled(detailsKey, 'idempotency-key', claim.agent, claim.key),
    inputHmac: labelled(detailsKey, 'idempotency-input', claim.operation, claim.inputText),
  };
}

/** The row of a key, where there is one. */
export async function findClaim(store: Store, key: ClaimKey): Promise<IdempotencyTable | undefined> {
  const rows = await store.read(
    query
      .selectFrom('idempotency')
      .selectAll()
      .where('agent', '=', key.agent)
      .where('key_hmac', '=', key.keyHmac)
      .compile(),
  );
  return rows[0];
}

/** What a claim is judged by. */
export interface ClaimContext {
  readonly detailsKey: Uint8Array;
  readonly nowMs: number;
  readonly claim: IdempotencyClaim;
  readonly key: ClaimKey;
}

/**
 * Whether the key is free for this call, or what became of the call that used it.
 * @throws SallyportError IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
 */
export function judgeClaim(row: IdempotencyTable | undefined, context: ClaimContext): ClaimVerdict {
  const { claim, key, nowMs, detailsKey } = context;
  if (row === undefined) return { kind: 'free', replaces: null };
  if (row.state === 'done' && row.expires_at <= nowMs) return { kind: 'free', replaces: row.call };
  if (row.operation !== claim.operation || row.input_hmac !== key.inputHmac) {
    throw new SallyportError('IDEMPOTENCY_KEY_REUSED', 'this idempotency key was used for another call; use a new one');
  }
  if (row.state === 'open') throw inProgress();
  const { earlier, isUnknown } = openOutcome(detailsKey, row);
  return isUnknown && claim.mayResend ? { kind: 'free', replaces: row.call } : { kind: 'repeated', earlier };
}

/** The refusal of a call whose key belongs to a call in flight. */
export function inProgress(): SallyportError {
  return new SallyportError(
    'IDEMPOTENCY_IN_PROGRESS',
    'a call with this idempotency key is still running; wait for it',
  );
}

/** The statements that take a key for a call. */
export function takeClaim(
  { claim, key, nowMs }: ClaimContext,
  { call, replaces }: { readonly call: string; readonly replaces: string | null },
): readonly Statement[] {
  const insert: Statement = {
    sql:
      'insert into idempotency (agent, key_hmac, operation, input_hmac, call, state, outcome, created_at, expires_at)' +
      ` values (?, ?, ?, ?, ?, 'open', null, ?, ?)`,
    parameters: [key.agent, key.keyHmac, claim.operation, key.inputHmac, call, nowMs, nowMs + keptMs],
    expectRows: 1,
  };
  if (replaces === null) return [insert];
  const remove: Statement = {
    sql: 'delete from idempotency where agent = ? and key_hmac = ? and call = ?',
    parameters: [key.agent, key.keyHmac, replaces],
    expectRows: 1,
  };
  return [remove, insert];
}

/** The statement that keeps how a call ended; a reply that is too large leaves only the fact. */
export function keepOutcome(
  detailsKey: Uint8Array,
  { earlier, isUnknown }: { readonly earlier: EarlierOutcome; readonly isUnknown: boolean },
): Statement {
  const text = JSON.stringify({ ...earlier, isUnknown });
  const isKept = Buffer.byteLength(text) <= maxKeptBytes;
  const sealed = isKept ? seal(outcomeKey(detailsKey, earlier.call), text, Buffer.from(earlier.call)) : null;
  return {
    sql: `update idempotency set state = 'done', outcome = ? where call = ? and state = 'open'`,
    parameters: [sealed, earlier.call],
  };
}

function openOutcome(
  detailsKey: Uint8Array,
  row: IdempotencyTable,
): { readonly earlier: EarlierOutcome; readonly isUnknown: boolean } {
  const { call, outcome } = row;
  // Made, and its reply was too large to keep: the agent learns that much, and the call is not made again.
  if (outcome === null) return { earlier: { ok: true, call, json: 'null', isTruncated: true }, isUnknown: false };
  const kept: unknown = JSON.parse(open(outcomeKey(detailsKey, call), outcome, Buffer.from(call)));
  if (isKeptReply(kept)) {
    return { earlier: { ok: true, call, json: kept.json, isTruncated: kept.isTruncated }, isUnknown: false };
  }
  if (isKeptFailure(kept)) return { earlier: { ok: false, call, code: kept.code }, isUnknown: kept.isUnknown };
  throw new SallyportError('AUDIT_INVALID', 'the outcome kept for an idempotency key cannot be read');
}

function isKeptReply(value: unknown): value is { readonly json: string; readonly isTruncated: boolean } {
  if (typeof value !== 'object' || value === null || !('json' in value) || !('isTruncated' in value)) return false;
  return typeof value.json === 'string' && typeof value.isTruncated === 'boolean';
}

function isKeptFailure(value: unknown): value is { readonly code: ErrorCode; readonly isUnknown: boolean } {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('isUnknown' in value)) return false;
  return (
    typeof value.code === 'string' && Object.hasOwn(errorCodes, value.code) && typeof value.isUnknown === 'boolean'
  );
}

function outcomeKey(detailsKey: Uint8Array, call: string): Buffer {
  return createHmac('sha256', detailsKey).update('idempotency-outcome\0').update(call).digest();
}

function labelled(detailsKey: Uint8Array, label: string, ...parts: readonly string[]): string {
  // JSON keeps the parts apart, whatever they hold.
  return createHmac('sha256', detailsKey)
    .update(JSON.stringify([label, ...parts]))
    .digest('hex');
}
