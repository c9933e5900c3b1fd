// Fourth stage: decides, makes the intent durable, and only then issues the permit. No other file issues one for a call (I4).
import type { IdempotencyClaim } from '../audit/call-journal.ts';
import type { CompiledOperation } from '../catalogue/catalogue.ts';
import { assertNever } from '../domain/assert-never.ts';
import type { CallIntent } from '../domain/audit-entry.ts';
import type { Call } from '../domain/call.ts';
import type { Decision, DenialReason } from '../domain/decision.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { hasAllowList } from '../domain/reply-policy.ts';
import { callPermit } from '../vault/permit.ts';
import { notAvailable } from './match-operation.ts';
import { RefusedCall } from './refused-call.ts';
import type { Authorised, Repeated, Stages, Validated } from './stages.ts';

type Allowed = Extract<Decision, { readonly verdict: 'allow' }>;

/**
 * Decides on the call; resolves when an allowed one is durable in the audit.
 * @throws RefusedCall OPERATION_NOT_AVAILABLE, CALL_DENIED, CALL_RATE_EXCEEDED, CALL_NEEDS_APPROVAL, CREDENTIAL_MISSING, CREDENTIAL_WEAK
 * @throws SallyportError AUDIT_UNAVAILABLE, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS
 */
export async function authorise(stages: Stages, validated: Validated): Promise<Authorised | Repeated> {
  const { caller, operation, call, planned } = validated;
  const allowed = decide(stages, validated);
  const version = credentialVersion(stages, operation);
  const intent = intentOf(validated, allowed, version);
  const begun = await stages.journal.begin(intent, { input: call.input }, claimOf(call, operation));
  if (begun.kind === 'repeated') return { stage: 'repeated', caller, earlier: begun.earlier };
  return { stage: 'authorised', caller, operation, call, planned, permit: callPermit(begun.recorded) };
}

// The use of a rate is taken in the same turn as the decision: calls that wait side by side cannot share one.
function decide(stages: Stages, { view, operation, call }: Validated): Allowed {
  const rates = stages.agents.rates(call.agent);
  const subject = { operation: operation.id, effect: operation.definition.effect, input: call.input };
  const decision = view.policy.decide(subject, rates, call.receivedAtMs);
  switch (decision.verdict) {
    case 'allow':
      if (decision.rate !== null) rates.take(decision.rule.path, call.receivedAtMs);
      return decision;
    case 'hold':
      throw new RefusedCall(
        'CALL_NEEDS_APPROVAL',
        'an operator must approve this call, and approvals are not available in this installation',
        { reason: decision.reason, rule: decision.rule.path },
      );
    case 'deny': {
      const { code, message } = denials[decision.reason];
      throw new RefusedCall(code, message, {
        reason: decision.reason,
        rule: decision.rule?.path ?? null,
        retryAfterMs: decision.retryAfterMs,
      });
    }
    default:
      return assertNever(decision);
  }
}

// What an agent may know of a denial: no rule, no condition, no hour.
const unavailable = { code: 'OPERATION_NOT_AVAILABLE', message: notAvailable } as const;
const denied = { code: 'CALL_DENIED', message: 'this call is not allowed with this input, at this time' } as const;
const denials: Readonly<Record<DenialReason, { readonly code: ErrorCode; readonly message: string }>> = {
  'operation-unknown': unavailable,
  'grant-missing': unavailable,
  'denied-by-rule': denied,
  'effect-above-ceiling': denied,
  'condition-not-met': denied,
  'outside-time-window': denied,
  'rate-exceeded': { code: 'CALL_RATE_EXCEEDED', message: 'too many calls of this operation; try again later' },
};

function credentialVersion({ vault }: Stages, { credential, definition }: CompiledOperation): number | null {
  if (credential === null) return null;
  const current = vault.current(credential.definition.id);
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

function intentOf({ operation, call }: Validated, allowed: Allowed, version: number | null): CallIntent {
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
    rule: allowed.rule.path,
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
    inputText: call.inputText,
    mayResend: request.type === 'http' && request.idempotencyHeader !== null,
  };
}
