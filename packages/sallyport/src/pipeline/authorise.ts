// Fourth stage: decides, makes the intent durable, and only then issues the permit. No other file issues one for a call (I4).
import type { Begun, IdempotencyClaim } from '../audit/call-journal.ts';
import type { CompiledOperation } from '../catalogue/catalogue.ts';
import type { CallIntent } from '../domain/audit-entry.ts';
import type { Call } from '../domain/call.ts';
import type { Decision, DenialReason } from '../domain/decision.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { hasAllowList } from '../domain/reply-policy.ts';
import { callPermit } from '../vault/permit.ts';
import { type Approved, approvalClaim, approvalFor, madeBefore } from './hold.ts';
import { notAvailable } from './match-operation.ts';
import { RefusedCall } from './refused-call.ts';
import { scrubbedInputText } from './scrub-input.ts';
import type { Snapshot } from './snapshot.ts';
import type { Authorised, Repeated, Stages, Validated } from './stages.ts';

type Granted = Exclude<Decision, { readonly verdict: 'deny' }>;
type Waiting = Exclude<Decision, { readonly verdict: 'allow' }>;

/**
 * Decides on the call; resolves when an allowed one is durable in the audit.
 * @throws RefusedCall OPERATION_NOT_AVAILABLE, CALL_DENIED, CALL_RATE_EXCEEDED, CALL_NEEDS_APPROVAL, APPROVAL_*, CREDENTIAL_*
 * @throws SallyportError AUDIT_UNAVAILABLE, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
 */
export async function authorise(stages: Stages, validated: Validated): Promise<Authorised | Repeated> {
  const { caller, operation, call, planned } = validated;
  const first = decide(stages, validated);
  const approved = first.verdict === 'allow' ? null : await approvalOf(stages, call, first);
  if (approved?.kind === 'made') return { stage: 'repeated', caller, earlier: approved.earlier };
  // Other calls may have used the rate up while the approval was looked for.
  const decision = take(stages, call, approved === null ? first : decide(stages, validated));
  const version = credentialVersion(caller.snapshot, operation);
  const intent = intentOf(validated, { rule: decision.rule.path, approval: approved?.approval.id ?? null, version });
  const begun = await begin(stages, validated, { intent, approved });
  if (begun.kind === 'repeated') return { stage: 'repeated', caller, earlier: begun.earlier };
  const isRemembered = approved !== null || call.idempotencyKey !== null;
  return { stage: 'authorised', caller, operation, call, planned, permit: callPermit(begun.recorded), isRemembered };
}

function decide(stages: Stages, { view, operation, call }: Validated): Decision {
  const subject = { operation: operation.id, effect: operation.definition.effect, input: call.input };
  return view.policy.decide(subject, stages.agents.rates(call.agent), call.receivedAtMs);
}

// The use of a rate is taken in the same turn as the decision: calls that wait side by side cannot share one.
function take(stages: Stages, call: Call, decision: Decision): Granted {
  if (decision.verdict === 'deny') throw denial(decision);
  if (decision.rate !== null) stages.agents.rates(call.agent).take(decision.rule.path, call.receivedAtMs);
  return decision;
}

// A call that was made has its outcome, whatever has used its rate up since: perhaps it did so itself.
async function approvalOf(stages: Stages, call: Call, decision: Waiting): Promise<Approved> {
  if (decision.verdict === 'hold') return await approvalFor(stages, call, decision);
  const earlier = decision.reason === 'rate-exceeded' ? await madeBefore(stages, call) : undefined;
  if (earlier === undefined) throw denial(decision);
  return { kind: 'made', earlier };
}

function denial({ reason, rule, retryAfterMs }: Extract<Decision, { readonly verdict: 'deny' }>): RefusedCall {
  const { code, message } = denials[reason];
  return new RefusedCall(code, message, { reason, rule: rule?.path ?? null, retryAfterMs });
}

// What an agent may know of a denial: no rule, no condition, no hour.
const unavailable = { code: 'OPERATION_NOT_AVAILABLE', message: notAvailable } as const;
const denied = {
  code: 'CALL_DENIED',
  message:
    'this call is not allowed with this input, at this time; do not repeat it unchanged, and ask the operator if it is needed',
} as const;
const denials: Readonly<Record<DenialReason, { readonly code: ErrorCode; readonly message: string }>> = {
  'operation-unknown': unavailable,
  'grant-missing': unavailable,
  'denied-by-rule': denied,
  'effect-above-ceiling': denied,
  'condition-not-met': denied,
  'outside-time-window': denied,
  'rate-exceeded': { code: 'CALL_RATE_EXCEEDED', message: 'too many calls of this operation; try again later' },
};

// From the snapshot, not from the vault: a version that was added since is one that the scrubber does not know yet (I1).
function credentialVersion(snapshot: Snapshot, { credential, definition }: CompiledOperation): number | null {
  if (credential === null) return null;
  const current = snapshot.credentials.get(credential.definition.id);
  if (current === undefined) {
    throw new RefusedCall('CREDENTIAL_MISSING', 'an operator must add the credential of this service first', {
      reason: 'credential-missing',
    });
  }
  // A weak value cannot be scrubbed (I11), so it may only be used where every field of the reply was named.
  if (current.isWeak && !hasAllowList(definition.reply)) {
    throw new RefusedCall('CREDENTIAL_WEAK', 'the credential of this service may not be used for this operation', {
      reason: 'credential-weak',
    });
  }
  return current.version;
}

interface Begin {
  readonly intent: CallIntent;
  readonly approved: Extract<Approved, { readonly kind: 'allowed' }> | null;
}

// The yes is used up in the batch of the intent: of two calls that wait for the same one, one begins.
function begin(stages: Stages, { caller, call, operation }: Validated, { intent, approved }: Begin): Promise<Begun> {
  const details = `{"input":${scrubbedInputText(call.inputText, call.input, caller.snapshot.scrubber)}}`;
  if (approved === null) return stages.journal.begin(intent, details, claimOf(call, operation));
  const { desk, approval } = approved;
  const use = desk.use(approval.id, call.receivedAtMs);
  return stages.journal.beginApproved(intent, details, { claim: approvalClaim(call, approval), use });
}

interface Grounds {
  readonly rule: string;
  readonly approval: string | null;
  readonly version: number | null;
}

function intentOf({ operation, call }: Validated, { rule, approval, version }: Grounds): CallIntent {
  return {
    kind: 'call.intent',
    at: call.receivedAtMs,
    call: call.id,
    door: call.door,
    agent: call.agent,
    session: call.session,
    operation: call.operation,
    operationDigest: call.operationDigest,
    configDigest: call.configDigest,
    effect: operation.definition.effect,
    decision: 'allow',
    approval,
    rule,
    service: operation.service.id,
    request: operation.plan.describe,
    credential: operation.credential?.definition.id ?? null,
    credentialVersion: version,
    inputBytes: Buffer.byteLength(call.inputText),
  };
}

function claimOf(call: Call, { definition }: CompiledOperation): IdempotencyClaim | null {
  if (call.idempotencyKey === null) return null;
  const { request } = definition;
  return {
    agent: call.agent,
    operation: call.operation,
    key: call.idempotencyKey,
    // The operation may have changed since: the same words would be another call.
    inputText: `${call.operationDigest} ${call.inputText}`,
    mayResend: request.type === 'http' && request.idempotencyHeader !== null,
  };
}
