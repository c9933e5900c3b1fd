// Compiles the inputs of one made-up operation, for the tests of schemas and validation.

import {
  type CompiledInputs,
  compileInputs,
  createSchemaCompilers,
  type InputsOutcome,
} from '../../src/catalogue/input-schema.ts';
import type { JsonObject } from '../../src/domain/json-value.ts';
import type { OperationDefinition, OperationId } from '../../src/domain/operation.ts';
import type { ServiceId } from '../../src/domain/service.ts';

function operationWith(
  input: Readonly<Record<string, JsonObject>>,
  optionalInputs: readonly string[] = [],
): OperationDefinition {
  return {
    id: 'shop.order' as OperationId,
    service: 'shop' as ServiceId,
    effect: 'read',
    description: 'One order.',
    input,
    optionalInputs,
    request: {
      type: 'http',
      method: 'GET',
      path: '/orders',
      segments: [{ kind: 'fixed', text: 'orders' }],
      query: {},
      headers: {},
      body: { kind: 'none' },
      idempotencyHeader: null,
    },
    reply: { kind: 'none', maxBytes: 1000, maxRows: 10, headers: [] },
    timeoutMs: 1000,
  };
}

function outcomeOf(input: Readonly<Record<string, JsonObject>>, optionalInputs: readonly string[] = []): InputsOutcome {
  return compileInputs(operationWith(input, optionalInputs), createSchemaCompilers());
}

export function inputsOf(
  input: Readonly<Record<string, JsonObject>>,
  optionalInputs: readonly string[] = [],
): CompiledInputs {
  const outcome = outcomeOf(input, optionalInputs);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.inputs;
}

export function problemsOf(input: Readonly<Record<string, JsonObject>>): readonly string[] {
  const outcome = outcomeOf(input);
  return outcome.ok ? [] : outcome.problems.map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
}
