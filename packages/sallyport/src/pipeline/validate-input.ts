// Third stage: the input by its closed schema, and the one canonical call object that everything after this works on (I3).
import type { CompiledOperation } from '../catalogue/catalogue.ts';
import type { PlannedRequest } from '../connectors/connector.ts';
import type { Call } from '../domain/call.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { SallyportError } from '../domain/errors.ts';
import type { OperationInput } from '../domain/operation.ts';
import { RefusedCall } from './refused-call.ts';
import type { Matched, Validated } from './stages.ts';

const keyShape = /^[\x21-\x7e]{1,128}$/;

/**
 * Validates the input, freezes the call and builds its request; nothing is recorded, opened or sent yet.
 * @throws RefusedCall INPUT_INVALID, INPUT_UNSAFE, IDEMPOTENCY_KEY_MALFORMED
 */
export function validateInput(matched: Matched): Validated {
  const { caller, session, view, operation } = matched;
  const { idempotencyKey } = caller.request;
  if (idempotencyKey !== undefined && !keyShape.test(idempotencyKey)) {
    throw new RefusedCall('IDEMPOTENCY_KEY_MALFORMED', 'an idempotency key is 1 to 128 visible ASCII characters', {
      reason: 'idempotency-key-malformed',
    });
  }
  const validation = operation.validate(caller.request.input);
  if (!validation.ok) {
    throw new RefusedCall('INPUT_INVALID', 'the input does not fit the schema of this operation', {
      reason: 'input-invalid',
      issues: validation.issues,
    });
  }
  const call = callOf(matched, validation.input);
  const planned = build(operation, call.input);
  return { stage: 'validated', caller, session, view, operation, call, planned };
}

function callOf({ caller, session, operation }: Matched, input: OperationInput): Call {
  return Object.freeze({
    id: caller.callId,
    door: caller.request.door,
    agent: caller.agent.id,
    session: session.id,
    operation: operation.id,
    operationDigest: operation.digest,
    configDigest: caller.snapshot.catalogue.config.digest,
    input,
    inputText: canonicalJson(input),
    idempotencyKey: caller.request.idempotencyKey ?? null,
    receivedAtMs: caller.receivedAtMs,
  });
}

function build(operation: CompiledOperation, input: OperationInput): PlannedRequest {
  try {
    return operation.plan.build(input);
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    throw new RefusedCall(error.code, error.message, { reason: 'input-unsafe', cause: error });
  }
}
