// An operation is one pre-approved call on a service: closed typed input, fixed request, effect, reply policy.
import type { Brand } from './brand.ts';
import type { Effect } from './effect.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import type { ReplyPolicy } from './reply-policy.ts';
import type { ServiceId } from './service.ts';

/** Key of an operation in the config, such as `orders.by-customer`. */
export type OperationId = Brand<string, 'OperationId'>;

/** A piece of a request: fixed, or one whole input value placed structurally. */
export type Slot =
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'input'; readonly name: string };

/** A JSON body: fixed JSON with whole input values in it. */
export type BodyTemplate =
  | { readonly kind: 'value'; readonly value: null | boolean | number | string }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly BodyTemplate[] }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, BodyTemplate>> };

/** The request of an HTTP operation. */
export interface HttpRequestTemplate {
  readonly type: 'http';
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path as written, for people and the audit: `/repos/acme/{repo}/issues`. */
  readonly path: string;
  /** The path by segment; each is one slot, a value never spans or shares a segment. */
  readonly segments: readonly Slot[];
  readonly query: Readonly<Record<string, Slot>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, Slot>>;
  readonly body:
    | { readonly kind: 'none' }
    | { readonly kind: 'json'; readonly template: BodyTemplate }
    | { readonly kind: 'form'; readonly fields: Readonly<Record<string, Slot>> };
  /** Header that carries an idempotency key where the service honours one; null: a write is never sent twice. */
  readonly idempotencyHeader: string | null;
}

/** The statement of a SQL operation; input values are bound by name (`:name`). */
export interface SqlStatement {
  /** Whose SQL it is. */
  readonly type: 'sqlite' | 'postgres';
  readonly sql: string;
}

/** One approved call, as the config declares it. */
export interface OperationDefinition {
  readonly id: OperationId;
  readonly service: ServiceId;
  readonly effect: Effect;
  readonly description: string;
  /** JSON Schema 2020-12 of each input, by name, as written; closed when compiled. */
  readonly input: Readonly<Record<string, JsonObject>>;
  /** Inputs that may be left out (a `default` fills them, or they are `optional: true`). */
  readonly optionalInputs: readonly string[];
  readonly request: HttpRequestTemplate | SqlStatement;
  readonly reply: ReplyPolicy;
  /** Deadline of the execution in milliseconds. */
  readonly timeoutMs: number;
}

/** An operation's input after validation: frozen, defaults filled in. */
export type OperationInput = Readonly<Record<string, JsonValue>>;
