// A call that a grant holds: it waits for an operator's yes to exactly this call, and uses that yes up.

import type { ApprovalDesk } from '../approvals/approval-desk.ts';
import type { EarlierOutcome, IdempotencyClaim } from '../audit/call-journal.ts';
import type { Approval, HeldCall } from '../domain/approval.ts';
import type { Call } from '../domain/call.ts';
import type { Decision } from '../domain/decision.ts';
import { SallyportError } from '../domain/errors.ts';
import { RefusedCall } from './refused-call.ts';
import type { Stages } from './stages.ts';

type Held = Extract<Decision, { readonly verdict: 'hold' }>;

/** What an operator's yes leads to: the call may be made now, or it was made before. */
export type Approved =
  | { readonly kind: 'allowed'; readonly approval: Approval; readonly desk: ApprovalDesk }
  | { readonly kind: 'made'; readonly earlier: EarlierOutcome };

/**
 * Looks for the yes to this call, and asks for it when there is none.
 * @throws RefusedCall CALL_NEEDS_APPROVAL (asked, not decided), APPROVAL_REFUSED, APPROVAL_UNAVAILABLE, APPROVAL_QUEUE_FULL
 */
export async function approvalFor({ approvals, journal }: Stages, call: Call, held: Held): Promise<Approved> {
  const rule = held.rule.path;
  if (approvals === null) {
    throw new RefusedCall(
      'APPROVAL_UNAVAILABLE',
      'an operator must approve this call, and nobody here gives approvals',
      {
        reason: held.reason,
        rule,
      },
    );
  }
  const found = await approvals.find(heldCall(call), call.receivedAtMs);
  if (found?.state === 'allowed') return { kind: 'allowed', approval: found, desk: approvals };
  const earlier = await outcomeOf(journal, call, found);
  if (earlier !== undefined) return { kind: 'made', earlier };
  if (found?.state === 'refused' && found.expiresAtMs > call.receivedAtMs) {
    throw new RefusedCall('APPROVAL_REFUSED', 'an operator refused this call; do not try it again', {
      reason: 'approval-refused',
      rule,
    });
  }
  const waiting = found?.state === 'pending' ? found : await ask(approvals, call, rule);
  throw new RefusedCall(
    'CALL_NEEDS_APPROVAL',
    'an operator must approve this call; repeat it unchanged later to get its outcome',
    { reason: held.reason, rule, approval: waiting },
  );
}

/** The outcome of exactly this call, when it was made on an approval and is still remembered. */
export async function madeBefore({ approvals, journal }: Stages, call: Call): Promise<EarlierOutcome | undefined> {
  return await outcomeOf(journal, call, await approvals?.find(heldCall(call), call.receivedAtMs));
}

async function outcomeOf(journal: Stages['journal'], call: Call, found: Approval | undefined) {
  return found?.state === 'used' ? await journal.earlier(approvalClaim(call, found)) : undefined;
}

/** What remembers the outcome of an approved call for its repetitions. */
export function approvalClaim(call: Call, approval: Approval): IdempotencyClaim {
  const { agent, operation, inputText } = call;
  return { agent, operation, inputText, key: `approval ${approval.id}`, mayResend: false };
}

async function ask(desk: ApprovalDesk, call: Call, rule: string): Promise<Approval> {
  try {
    return await desk.request(heldCall(call), rule, call.receivedAtMs);
  } catch (error) {
    if (!(error instanceof SallyportError) || error.code !== 'APPROVAL_QUEUE_FULL') throw error;
    throw new RefusedCall(error.code, error.message, { reason: 'approval-queue-full', rule });
  }
}

function heldCall({ agent, operation, operationDigest, configDigest, inputText }: Call): HeldCall {
  return { agent, operation, operationDigest, configDigest, inputText };
}
