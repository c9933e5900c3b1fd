// Compiles one operation: its inputs, its request by the connector of its service, its credential, its digest.
import type { ServiceConnection } from '../connectors/connector.ts';
import type { DeclaredCredential } from '../domain/credential.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';
import type { Service } from '../domain/service.ts';
import type { CompiledOperation } from './catalogue.ts';
import { type CompiledInputs, compileInputs } from './input-schema.ts';
import { operationDigest } from './operation-digest.ts';
import type { SchemaCompiler } from './schema-compiler.ts';
import { toolNameOf } from './tool-name.ts';

/** What an operation is compiled from. */
export interface OperationParts {
  readonly definition: OperationDefinition;
  readonly service: Service;
  readonly credential: DeclaredCredential | null;
  readonly connection: ServiceConnection;
  readonly compiler: SchemaCompiler;
}

/** The outcome for one operation; a compiled one may carry warnings. */
export type OperationOutcome =
  | {
      readonly ok: true;
      readonly operation: CompiledOperation;
      readonly inputs: CompiledInputs;
      readonly problems: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Compiles one operation, or says everything that is wrong with it. */
export async function compileOperation(parts: OperationParts): Promise<OperationOutcome> {
  const { definition, service, credential, connection, compiler } = parts;
  const inputs = compileInputs(definition, compiler);
  const prepared = await connection.prepare(definition);
  const problems = [
    ...(inputs.ok ? [] : inputs.problems),
    ...placed(prepared.problems, definition),
    ...warnings(definition),
  ];
  if (!inputs.ok || !prepared.ok || problems.some(({ severity }) => severity === 'error')) {
    return { ok: false, problems };
  }
  const { schema, validate } = inputs.inputs;
  const operation: CompiledOperation = Object.freeze({
    id: definition.id,
    definition,
    service,
    credential,
    digest: operationDigest(definition, service, credential),
    toolName: toolNameOf(definition.id),
    inputSchema: schema,
    plan: prepared.plan,
    validate,
  });
  return { ok: true, operation, inputs: inputs.inputs, problems };
}

function placed(problems: readonly Problem[], { id }: OperationDefinition): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, path: ['operations', id, ...problem.path] }));
}

function warnings({ id, reply }: OperationDefinition): readonly Problem[] {
  if (reply.kind !== 'all') return [];
  const message = 'reply: all hands every field of the reply to the agent; list the fields that it needs';
  return [{ severity: 'warning', path: ['operations', id, 'reply'], message }];
}
