// A pipeline of few lines for the tests of front doors: it knows two tokens, records what it is asked, answers from a script.
import { createHash } from 'node:crypto';
import type { Presented } from '../../src/domain/agent.ts';
import type { CallId, CallRequest } from '../../src/domain/call.ts';
import { type ErrorCode, errorCodes, SallyportError } from '../../src/domain/errors.ts';
import type { CallOutcome, ListedOperation, Refusal } from '../../src/domain/reply.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';

/** Tokens of the scripted agents; `otherToken` may call nothing. */
export const goodToken = 'spt_good';
export const otherToken = 'spt_other';
export const revokedToken = 'spt_revoked';

export const callId = '019a0000-0000-7000-8000-000000000001' as CallId;

const operations: readonly ListedOperation[] = [
  {
    operation: 'orders.by-customer',
    tool: 'orders_by-customer',
    description: 'Orders of one customer',
    effect: 'read',
    inputSchema: {
      type: 'object',
      properties: { customer_id: { type: 'integer' } },
      required: ['customer_id'],
      additionalProperties: false,
    },
  },
  {
    operation: 'shop.refund',
    tool: 'shop_refund',
    description: 'Refunds an order',
    effect: 'destroy',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  },
];

export interface ScriptedPipeline extends Pipeline {
  /** What was asked, in order. */
  readonly calls: CallRequest[];
  readonly refused: ErrorCode[];
  /** Answers the next calls. */
  answer: (request: CallRequest) => Promise<CallOutcome>;
}

export function scriptedPipeline(): ScriptedPipeline {
  const pipeline: ScriptedPipeline = {
    calls: [],
    refused: [],
    answer: async () => reply('{"ok":true}'),
    call: async (request) => {
      pipeline.calls.push(request);
      const problem = tokenProblem(request.token);
      if (problem !== undefined) return refuse({ code: problem, callId: null });
      if (!isListed(request)) return refuse({ code: 'OPERATION_NOT_AVAILABLE', callId: deniedId(request) });
      return pipeline.answer(request);
    },
    list: (token) => {
      const problem = tokenProblem(token);
      if (problem !== undefined) throw new SallyportError(problem, 'the token is not known; ask for a new one');
      return tokenOf(token) === goodToken ? operations : [];
    },
    refusedAtDoor: (error) => {
      pipeline.refused.push(error.code);
    },
    approval: async (_token, id) => {
      throw new SallyportError('APPROVAL_UNKNOWN', `no request ${id.length}`);
    },
    inFlight: () => 0,
    untilEnded: async () => {},
    drain: async () => {},
  };
  return pipeline;
}

export function reply(json: string, isTruncated = false): CallOutcome {
  return { ok: true, callId, reply: { json, isTruncated } };
}

export function refuse(facts: Partial<Refusal> & { code: ErrorCode; callId?: CallId | null }): CallOutcome {
  const { callId: id = callId, ...given } = facts;
  const { status, fault } = errorCodes[facts.code];
  const message = `${facts.code} for a reason`;
  return {
    ok: false,
    callId: id,
    refusal: { status, fault, message, issues: [], retryAfterMs: null, upstreamStatus: null, approval: null, ...given },
  };
}

function isListed({ name, token }: CallRequest): boolean {
  if (tokenOf(token) !== goodToken) return false;
  return 'tool' in name
    ? operations.some(({ tool }) => tool === name.tool)
    : operations.some(({ operation }) => operation === name.operation);
}

// A pipeline may well give a denied call an id and an unknown one none: it must not show.
function deniedId({ name }: CallRequest): CallId | null {
  const hash = createHash('sha256').update(JSON.stringify(name)).digest('hex');
  return JSON.stringify(name).includes('secret') ? (`id-${hash}` as CallId) : null;
}

// The local agent `good` may what the holder of its token may.
function tokenOf(presented: Presented): string | undefined {
  if (typeof presented !== 'object') return presented;
  return presented.local === 'good' ? goodToken : undefined;
}

function tokenProblem(presented: Presented): ErrorCode | undefined {
  const token = tokenOf(presented);
  if (token === revokedToken) return 'SESSION_REVOKED';
  return token === goodToken || token === otherToken ? undefined : 'TOKEN_UNKNOWN';
}
