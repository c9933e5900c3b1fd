// Operations for tests, with what a test does not care about filled in.
import type {
  HttpRequestTemplate,
  OperationDefinition,
  OperationId,
  OperationInput,
  Slot,
} from '../../src/domain/operation.ts';
import type { ReplyPolicy } from '../../src/domain/reply-policy.ts';
import type { ServiceId } from '../../src/domain/service.ts';

/** Replies are passed on whole, up to 100 000 bytes and 100 rows. */
export const replyAll: ReplyPolicy = { kind: 'all', headers: [], maxBytes: 100_000, maxRows: 100 };

/** A slot that an input fills. */
export function slot(name: string): Slot {
  return { kind: 'input', name };
}

/** A fixed slot. */
export function fixed(text: string): Slot {
  return { kind: 'fixed', text };
}

/** A GET of `/v1/items/{id}`. */
export function template(fields: Partial<HttpRequestTemplate> = {}): HttpRequestTemplate {
  return {
    type: 'http',
    method: 'GET',
    path: '/v1/items/{id}',
    segments: [fixed('v1'), fixed('items'), slot('id')],
    query: {},
    headers: {},
    body: { kind: 'none' },
    idempotencyHeader: null,
    ...fields,
  };
}

/** A read of one item by its id. */
export function operation(fields: Partial<OperationDefinition> = {}): OperationDefinition {
  return {
    id: 'items.get' as OperationId,
    service: 'svc' as ServiceId,
    effect: 'read',
    description: 'One item.',
    input: { id: { type: 'string' } },
    optionalInputs: [],
    request: template(),
    reply: replyAll,
    timeoutMs: 5_000,
    ...fields,
  };
}

/** A validated input. */
export function input(values: OperationInput): OperationInput {
  return Object.freeze({ ...values });
}
