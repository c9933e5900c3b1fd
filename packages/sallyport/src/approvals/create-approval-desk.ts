// The desk over the store: every change is one batch with its audit record.
import type { AuditLog } from '../audit/audit-log.ts';
import type { Approval, HeldCall } from '../domain/approval.ts';
import { approvalLifetimeMs, maxPendingApprovals } from '../domain/approval.ts';
import type { AdministrativeEntry } from '../domain/audit-entry.ts';
import { SallyportError } from '../domain/errors.ts';
import { newId } from '../domain/id.ts';
import type { Random } from '../domain/random.ts';
import type { Store } from '../store/store.ts';
import type { ApprovalTable } from '../store/tables/approval.ts';
import type { ApprovalDesk } from './approval-desk.ts';
import {
  type ApprovalMove,
  approvalOf,
  bindingOf,
  countPending,
  insertApproval,
  listApprovals,
  moveApproval,
  openInput,
  proofOf,
  provenApproval,
  readApprovals,
  sealInput,
} from './approval-rows.ts';
import { endApprovals } from './end-approvals.ts';

/** What the desk works with. */
export interface ApprovalDeskDependencies {
  readonly store: Store;
  readonly audit: AuditLog;
  /** 32 bytes, derived from the root key for `audit-details`. */
  readonly detailsKey: Uint8Array;
  readonly random: Random;
}

/** The approvals of a store. */
export function createApprovalDesk(dependencies: ApprovalDeskDependencies): ApprovalDesk {
  const { store, audit, detailsKey } = dependencies;
  const byId = async (id: string): Promise<ApprovalTable> => {
    const [row] = await readApprovals(store, { by: 'id', id });
    if (row === undefined)
      throw new SallyportError('ADMIN_INPUT', 'there is no such approval; see `sallyport approval list`');
    return row;
  };
  return {
    find: (call, nowMs) => findApproval(dependencies, call, nowMs),
    request: (call, rule, nowMs) => requestApproval(dependencies, { call, rule, nowMs }),
    use: (approval, nowMs) => moveApproval(approval, { from: 'allowed', to: 'used' }, nowMs),
    async ownedBy(agent, id, nowMs) {
      const [row] = await readApprovals(store, { by: 'id', id });
      return row?.agent === agent ? provenApproval(detailsKey, row, nowMs) : undefined;
    },
    ending: (agent, nowMs) => endApprovals(store, agent, nowMs),
    list: (filter, nowMs) => listApprovals(store, filter, nowMs),
    async show(id, nowMs) {
      const row = await byId(id);
      return { approval: approvalOf(row, nowMs), inputText: openInput(detailsKey, row) };
    },
    async decide(id, verdict, nowMs) {
      const row = await byId(id);
      const approval = approvalOf(row, nowMs);
      if (approval.state !== 'pending') {
        throw new SallyportError(
          'ADMIN_INPUT',
          `this approval is ${approval.state}; only a pending one can be decided`,
        );
      }
      const proof = proofOf(detailsKey, row);
      const move: ApprovalMove =
        verdict === 'allowed' ? { from: 'pending', to: verdict, proof } : { from: 'pending', to: verdict };
      const entry = entryOf(`approval.${verdict}`, approval, nowMs);
      await audit.record(entry, { statements: [moveApproval(id, move, nowMs)] });
      return { ...approval, state: verdict };
    },
  };
}

async function findApproval(
  { store, detailsKey }: ApprovalDeskDependencies,
  call: HeldCall,
  nowMs: number,
): Promise<Approval | undefined> {
  const [row] = await readApprovals(store, { by: 'binding', binding: bindingOf(detailsKey, call) });
  return row === undefined ? undefined : provenApproval(detailsKey, row, nowMs);
}

interface Request {
  readonly call: HeldCall;
  readonly rule: string;
  readonly nowMs: number;
}

async function requestApproval(
  dependencies: ApprovalDeskDependencies,
  { call, rule, nowMs }: Request,
): Promise<Approval> {
  const { store, audit, detailsKey, random } = dependencies;
  if ((await countPending(store, call.agent, nowMs)) >= maxPendingApprovals) {
    throw new SallyportError(
      'APPROVAL_QUEUE_FULL',
      'too many of your calls wait for an operator; wait until some are decided',
    );
  }
  const id = newId(nowMs, random);
  const row: ApprovalTable = {
    id,
    binding: bindingOf(detailsKey, call),
    agent: call.agent,
    operation: call.operation,
    operation_digest: call.operationDigest,
    config_digest: call.configDigest,
    rule,
    input: sealInput(detailsKey, id, call.inputText),
    state: 'pending',
    requested_at: nowMs,
    expires_at: nowMs + approvalLifetimeMs,
    decided_at: null,
    proof: null,
  };
  const approval = approvalOf(row, nowMs);
  try {
    await audit.record(entryOf('approval.requested', approval, nowMs), { statements: insertApproval(row) });
    return approval;
  } catch (error) {
    // Somebody asked for the same call in between: there is one request for it.
    const other = isConflict(error) ? await findApproval(dependencies, call, nowMs) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof SallyportError && error.code === 'STORE_CONFLICT';
}

function entryOf(
  kind: 'approval.requested' | 'approval.allowed' | 'approval.refused',
  { id, agent, operation, rule, expiresAtMs }: Approval,
  nowMs: number,
): AdministrativeEntry {
  return { kind, at: nowMs, subject: id, facts: { agent, operation, rule, expiresAtMs } };
}
