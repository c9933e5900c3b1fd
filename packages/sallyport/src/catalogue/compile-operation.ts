// Compiles one operation: its inputs, its request by the connector of its service, its credential, its digest.
import type { OperationPlan, ServiceConnection } from '../connectors/connector.ts';
import type { DeclaredCredential } from '../domain/credential.ts';
import { once } from '../domain/once.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';
import type { Service } from '../domain/service.ts';
import type { CompiledOperation } from './catalogue.ts';
import {
  type CompiledInputs,
  compileInputs,
  provenInputs,
  type RunnableInputs,
  type SchemaCompilers,
} from './input-schema.ts';
import { operationDigest } from './operation-digest.ts';
import { toolNameOf } from './tool-name.ts';

/** What an operation is compiled from. */
export interface OperationParts {
  readonly definition: OperationDefinition;
  readonly service: Service;
  readonly credential: DeclaredCredential | null;
  readonly connection: ServiceConnection;
  readonly compilers: SchemaCompilers;
  /** Whether everything that the config alone decides was found right before. */
  readonly isProven: boolean;
}

/** The outcome for one operation; a compiled one may carry warnings. */
export type OperationOutcome =
  | {
      readonly ok: true;
      readonly operation: CompiledOperation;
      /** Null where they need no check. */
      readonly inputs: CompiledInputs | null;
      readonly problems: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Compiles one operation, or says everything that is wrong with it. */
export async function compileOperation(parts: OperationParts): Promise<OperationOutcome> {
  const { definition, connection, compilers, isProven } = parts;
  const inputs = isProven ? null : compileInputs(definition, compilers);
  // What a connector looks at may lie outside the config: that is never taken as proven.
  const prepared = await connection.prepare(definition);
  const problems = [
    ...(inputs === null || inputs.ok ? [] : inputs.problems),
    ...placed(prepared.problems, definition),
    ...warnings(definition),
  ];
  if (inputs?.ok === false || !prepared.ok || problems.some(({ severity }) => severity === 'error')) {
    return { ok: false, problems };
  }
  const runnable = inputs?.inputs ?? provenInputs(definition, compilers);
  return { ok: true, operation: operationOf(parts, runnable, prepared.plan), inputs: inputs?.inputs ?? null, problems };
}

function operationOf(
  { definition, service, credential }: OperationParts,
  inputs: RunnableInputs,
  plan: OperationPlan,
): CompiledOperation {
  const digest = once(() => operationDigest(definition, service, credential));
  return Object.freeze({
    id: definition.id,
    definition,
    service,
    credential,
    get digest() {
      return digest();
    },
    toolName: toolNameOf(definition.id),
    get inputSchema() {
      return inputs.schema;
    },
    plan,
    validate: inputs.validate,
  });
}

function placed(problems: readonly Problem[], { id }: OperationDefinition): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, path: ['operations', id, ...problem.path] }));
}

function warnings({ id, reply }: OperationDefinition): readonly Problem[] {
  if (reply.kind !== 'all') return [];
  const message = 'reply: all hands every field of the reply to the agent; list the fields that it needs';
  return [{ severity: 'warning', path: ['operations', id, 'reply'], message }];
}
