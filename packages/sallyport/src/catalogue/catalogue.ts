// The catalogue: every operation, compiled and ready to run, and each agent's own view of it.

import type { OperationPlan } from '../connectors/connector.ts';
import type { AgentDefinition, AgentId } from '../domain/agent.ts';
import type { Config } from '../domain/config.ts';
import type { DeclaredCredential } from '../domain/credential.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { OperationDefinition, OperationId, OperationInput } from '../domain/operation.ts';
import type { InputIssue } from '../domain/reply.ts';
import type { Service } from '../domain/service.ts';
import type { CompiledPolicy } from '../policy/policy.ts';

/** The outcome of validating an input: frozen with defaults filled in, or every issue. */
export type Validation =
  | { readonly ok: true; readonly input: OperationInput }
  | { readonly ok: false; readonly issues: readonly InputIssue[] };

/** An operation ready to run. */
export interface CompiledOperation {
  readonly id: OperationId;
  readonly definition: OperationDefinition;
  readonly service: Service;
  /** Null when the service has no credential. */
  readonly credential: DeclaredCredential | null;
  /** SHA-256 of the canonical definition and its service, hex: what an approval or a record is bound to. */
  readonly digest: string;
  /** The id with `.` as `_`, at most 64 characters, unique in the catalogue. */
  readonly toolName: string;
  /** The closed schema that agents see. */
  readonly inputSchema: JsonObject;
  readonly plan: OperationPlan;
  /** Checks without coercion and fills defaults; never changes its argument. */
  validate(input: JsonValue): Validation;
}

/** What one agent can see and call. */
export interface AgentView {
  readonly agent: AgentDefinition;
  readonly policy: CompiledPolicy;
  /** Only operations that the policy could allow with some input at some time, in the order of their ids. */
  readonly operations: ReadonlyMap<OperationId, CompiledOperation>;
  readonly byTool: ReadonlyMap<string, CompiledOperation>;
}

/** The compiled catalogue; immutable. */
export interface Catalogue {
  readonly config: Config;
  readonly operations: ReadonlyMap<OperationId, CompiledOperation>;
  readonly views: ReadonlyMap<AgentId, AgentView>;
  /** Ends the connections of its services. */
  close(): Promise<void>;
}
