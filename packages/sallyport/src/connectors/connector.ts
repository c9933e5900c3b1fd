// What a connector is: it compiles operations of its kind of service, builds requests from validated input, and executes them.

import type { SallyportError } from '../domain/errors.ts';
import type { JsonValue } from '../domain/json-value.ts';
import type { OperationDefinition, OperationInput } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';
import type { SecretFields } from '../domain/secret.ts';
import type { Service } from '../domain/service.ts';
import type { Network } from '../net/network.ts';

/** What connectors are given. */
export interface ConnectorContext {
  readonly network: Network;
}

/** One kind of service. A plug-in is one file and one line in `index.ts`. */
export interface Connector<S extends Service = Service> {
  readonly type: S['type'];
  /** Opens nothing yet: connections and workers are made when first needed. */
  connect(service: S, context: ConnectorContext): ServiceConnection;
}

/** A service in use by one snapshot. */
export interface ServiceConnection {
  /** What is wrong with the service itself, as far as this machine can tell (paths relative to the service); sends nothing. */
  check(): Promise<readonly Problem[]>;
  /** Compiles one operation, or says everything that is wrong with it (paths relative to the operation), but not what `check` says. */
  prepare(operation: OperationDefinition): Promise<Prepared>;
  /** Ends pools and workers; executions under way are ended as `indeterminate` or `not-sent`. */
  close(): Promise<void>;
}

/** The outcome of compiling an operation. */
export type Prepared =
  | { readonly ok: true; readonly plan: OperationPlan; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** An operation, compiled by its connector. */
export interface OperationPlan {
  /** Method and path template, or `sql`: what the audit may hold. */
  readonly describe: string;
  /**
   * Builds the request from frozen, validated input; pure, no byte is sent.
   * @throws SallyportError INPUT_UNSAFE when a value cannot stand where the template puts it
   */
  build(input: OperationInput): PlannedRequest;
  /** Sends the request once. Never throws: every end is an Execution. */
  execute(request: PlannedRequest, access: ExecutionAccess): Promise<Execution>;
}

/** A built request; only the connector that made it looks inside. */
export interface PlannedRequest {
  /** Size of the request without the credential, in bytes. */
  readonly bytes: number;
  /** What would be sent, for the operator who approves it: all of it but the credential. */
  preview(): readonly RequestPart[];
}

/** A part of a request as people read it; each line is one of the request's own, and whatever an agent chose is within one. */
export interface RequestPart {
  readonly part: string;
  readonly lines: readonly string[];
}

/** What an execution may use. */
export interface ExecutionAccess {
  /** Fields of the opened credential; null when the service has none. */
  readonly credential: SecretFields | null;
  /** Version of that credential: a connection that was opened with another one is not used. */
  readonly credentialVersion?: number | null;
  /** Sent in the operation's idempotency header where it declares one; null otherwise. */
  readonly idempotencyKey: string | null;
  readonly timeoutMs: number;
  /** Aborted when the agent went away (reads only) or Sallyport stops. */
  readonly signal: AbortSignal;
}

/** How an execution ended. */
export type Execution =
  | {
      readonly kind: 'replied';
      /** HTTP status; 200 for SQL. */
      readonly status: number;
      /** Lower-case names; already limited to the reply policy's header allow-list. */
      readonly headers: readonly (readonly [string, string])[];
      readonly body: ReplyBody;
      /** Bytes of the body as received, after decompression. */
      readonly bytes: number;
      readonly isTruncated: boolean;
    }
  /** No byte of the request reached the service, or the service surely did nothing with it. */
  | { readonly kind: 'not-sent'; readonly error: SallyportError }
  /** The service answered with a refusal or something unusable: it is known how it ended. */
  | { readonly kind: 'failed'; readonly error: SallyportError; readonly upstreamStatus: number | null }
  /** The service may or may not have done it. */
  | { readonly kind: 'indeterminate'; readonly error: SallyportError };

/** A reply's body, parsed without loss. */
export type ReplyBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'rows'; readonly rows: readonly JsonValue[] };
