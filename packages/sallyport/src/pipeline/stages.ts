// What each stage of a call hands to the next: a stage takes exactly one of these, so a wrong order does not compile.
import type { EarlierOutcome } from '../audit/call-journal.ts';
import type { AgentView, CompiledOperation } from '../catalogue/catalogue.ts';
import type { Execution, PlannedRequest } from '../connectors/connector.ts';
import type { AgentDefinition, Session } from '../domain/agent.ts';
import type { Call, CallId, CallRequest } from '../domain/call.ts';
import type { SallyportError } from '../domain/errors.ts';
import type { Reply } from '../domain/reply.ts';
import type { SecretFields } from '../domain/secret.ts';
import type { CallPermit } from '../vault/permit.ts';
import type { Cut, Load } from './load.ts';
import type { PipelineDependencies } from './pipeline.ts';
import type { Snapshot } from './snapshot.ts';

/** What stages are given beside the call itself. */
export interface Stages extends PipelineDependencies {
  readonly load: Load;
}

/** Before anything is known. */
export interface Arrived {
  readonly stage: 'arrived';
  readonly request: CallRequest;
}

/** The agent is known; the snapshot of the call is fixed. */
export interface Authenticated {
  readonly stage: 'authenticated';
  readonly request: CallRequest;
  readonly callId: CallId;
  readonly receivedAtMs: number;
  readonly snapshot: Snapshot;
  readonly agent: AgentDefinition;
}

/** The call belongs to an open session and has a place among the calls in flight. */
export interface InSession {
  readonly stage: 'in-session';
  readonly caller: Authenticated;
  readonly session: Session;
}

/** The operation is in the agent's own view. */
export interface Matched {
  readonly stage: 'matched';
  readonly caller: Authenticated;
  readonly session: Session;
  readonly view: AgentView;
  readonly operation: CompiledOperation;
}

/** The call in canonical form, and the request that was built from it. */
export interface Validated {
  readonly stage: 'validated';
  readonly caller: Authenticated;
  readonly session: Session;
  readonly view: AgentView;
  readonly operation: CompiledOperation;
  readonly call: Call;
  readonly planned: PlannedRequest;
}

/** Allowed, and durable in the audit. */
export interface Authorised {
  readonly stage: 'authorised';
  readonly caller: Authenticated;
  readonly operation: CompiledOperation;
  readonly call: Call;
  readonly planned: PlannedRequest;
  /** Null when the service has no credential. */
  readonly permit: CallPermit | null;
  /** Whether its outcome is kept for repetitions: it has an idempotency key, or used an approval. */
  readonly isRemembered: boolean;
}

/** Made before with the same idempotency key: nothing runs. */
export interface Repeated {
  readonly stage: 'repeated';
  readonly caller: Authenticated;
  readonly earlier: EarlierOutcome;
}

/** The credential is open, and its permit closed. */
export interface Opened {
  readonly stage: 'opened';
  readonly authorised: Authorised;
  readonly credential: SecretFields | null;
  readonly credentialVersion: number | null;
}

/** The service has answered, or it is known that or whether it did not. */
export interface Executed {
  readonly stage: 'executed';
  readonly authorised: Authorised;
  readonly execution: Execution | Cut;
}

/** How the call ended, in the form in which it may be shown. */
export type Ending =
  | {
      readonly result: 'ok';
      readonly reply: Reply;
      readonly redactions: number;
      readonly upstreamStatus: number;
    }
  | {
      readonly result: 'failed' | 'indeterminate' | 'cut';
      readonly error: SallyportError;
      readonly upstreamStatus: number | null;
      /** Nothing reached the service: the same idempotency key may be tried again. */
      readonly isUnsent: boolean;
    };

/** The ending holds no registered value. */
export interface Scrubbed {
  readonly stage: 'scrubbed';
  readonly authorised: Authorised;
  readonly ending: Ending;
}

/** The ending is durable in the audit. */
export interface Recorded {
  readonly stage: 'recorded';
  readonly authorised: Authorised;
  readonly ending: Ending;
}

/** How far a call came before something stopped it. */
export type Reached =
  | Arrived
  | Authenticated
  | InSession
  | Matched
  | Validated
  | Authorised
  | Opened
  | Executed
  | Scrubbed
  | Recorded;
