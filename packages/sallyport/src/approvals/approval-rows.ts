// Rows of approvals: the binding to one canonical call, the sealed input, and the statements that move a request on.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { open, seal } from '../audit/details.ts';
import type { AgentId } from '../domain/agent.ts';
import { type Approval, type HeldCall, storedApprovalIds } from '../domain/approval.ts';
import { SallyportError } from '../domain/errors.ts';
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import type { ApprovalTable } from '../store/tables/approval.ts';

/** Which rows are read. */
export type ApprovalFilter =
  | { readonly by: 'binding'; readonly binding: string }
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'state'; readonly pendingOnly: boolean };

const maxListed = 200;

/** What an approval is bound to: another byte anywhere is another call. */
export function bindingOf(detailsKey: Uint8Array, call: HeldCall): string {
  const { agent, operation, operationDigest, configDigest, inputText } = call;
  const text = JSON.stringify(['approval', agent, operation, operationDigest, configDigest, inputText]);
  return createHmac('sha256', detailsKey).update(text).digest('hex');
}

/** What only an operator's yes leaves in the row: whoever can write the table cannot make one. */
export function proofOf(detailsKey: Uint8Array, row: Pick<ApprovalTable, 'id' | 'binding' | 'expires_at'>): string {
  const text = JSON.stringify(['approval-allowed', row.id, row.binding, row.expires_at]);
  return createHmac('sha256', detailsKey).update(text).digest('hex');
}

/** A row as an approval, when a yes in it is one. @throws SallyportError AUDIT_INVALID */
export function provenApproval(detailsKey: Uint8Array, row: ApprovalTable, nowMs: number): Approval {
  const approval = approvalOf(row, nowMs);
  if (approval.state !== 'allowed' || isEqual(row.proof ?? '', proofOf(detailsKey, row))) return approval;
  throw new SallyportError('AUDIT_INVALID', 'no operator gave the approval that is stored for this call');
}

function isEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

/** Rows that fit, newest last. */
export async function readApprovals(store: Store, filter: ApprovalFilter): Promise<readonly ApprovalTable[]> {
  const newest = query.selectFrom('approval').selectAll().orderBy('requested_at', 'desc').orderBy('id', 'desc');
  switch (filter.by) {
    case 'binding':
      return await store.read(newest.where('binding', '=', filter.binding).limit(1).compile());
    case 'id':
      return await store.read(newest.where('id', '=', filter.id).compile());
    case 'state': {
      const wanted = filter.pendingOnly ? newest.where('state', '=', 'pending') : newest;
      return (await store.read(wanted.limit(maxListed).compile())).toReversed();
    }
  }
}

/** Requests, newest last; needs no key. */
export async function listApprovals(
  store: Store,
  filter: 'pending' | 'all',
  nowMs: number,
): Promise<readonly Approval[]> {
  const rows = await readApprovals(store, { by: 'state', pendingOnly: filter === 'pending' });
  const all = rows.map((row) => approvalOf(row, nowMs));
  return filter === 'pending' ? all.filter(({ state }) => state === 'pending') : all;
}

/** How many requests of an agent are open at the moment. */
export async function countPending(store: Store, agent: AgentId, nowMs: number): Promise<number> {
  const pending = query
    .selectFrom('approval')
    .select('id')
    .where('agent', '=', agent)
    .where('state', '=', 'pending')
    .where('expires_at', '>', nowMs);
  return (await store.read(pending.compile())).length;
}

/** A row as an approval; one past its end has expired, whatever the row says. */
export function approvalOf(row: ApprovalTable, nowMs: number): Approval {
  const isLive = row.state === 'pending' || row.state === 'allowed';
  return {
    ...storedApprovalIds(row),
    operationDigest: row.operation_digest,
    configDigest: row.config_digest,
    state: isLive && row.expires_at <= nowMs ? 'expired' : row.state,
    rule: row.rule,
    requestedAtMs: row.requested_at,
    expiresAtMs: row.expires_at,
  };
}

/** Puts a request in the place of one for the same call that has expired. */
export function insertApproval(row: ApprovalTable): readonly Statement[] {
  const expire = query
    .updateTable('approval')
    .set({ state: 'expired' })
    .where('binding', '=', row.binding)
    .where('state', 'in', ['pending', 'allowed'])
    .where('expires_at', '<=', row.requested_at)
    .compile();
  const insert = query.insertInto('approval').values(row).compile();
  return [{ sql: expire.sql, parameters: statement(expire).parameters }, statement(insert, { expectRows: 1 })];
}

/** What becomes of a live request. */
export type ApprovalMove =
  | { readonly from: 'pending'; readonly to: 'allowed'; readonly proof: string }
  | { readonly from: 'pending'; readonly to: 'refused' }
  | { readonly from: 'allowed'; readonly to: 'used' };

/** Moves a live request from one state to another, before its end. */
export function moveApproval(id: string, move: ApprovalMove, nowMs: number): Statement {
  const decided = move.from === 'pending' ? { decided_at: nowMs } : {};
  const given = move.to === 'allowed' ? { proof: move.proof } : {};
  const compiled = query
    .updateTable('approval')
    .set({ state: move.to, ...decided, ...given })
    .where('id', '=', id)
    .where('state', '=', move.from)
    .where('expires_at', '>', nowMs)
    .compile();
  return statement(compiled, { expectRows: 1 });
}

/** Seals an input for one request. */
export function sealInput(detailsKey: Uint8Array, id: string, inputText: string): Buffer {
  return seal(inputKey(detailsKey, id), inputText, Buffer.from(id));
}

/** @throws SallyportError AUDIT_INVALID when the row was altered */
export function openInput(detailsKey: Uint8Array, row: ApprovalTable): string {
  return open(inputKey(detailsKey, row.id), row.input, Buffer.from(row.id));
}

function inputKey(detailsKey: Uint8Array, id: string): Buffer {
  return createHmac('sha256', detailsKey).update('approval-input\0').update(id).digest();
}
