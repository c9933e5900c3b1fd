// A call that waits for an operator, at clients that can show a question and at those that cannot; and what answers are worth.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalId } from '../../../src/domain/approval.ts';
import { type Door, envelope, legacy, mcpHeaders, openDoor, rpc, type Sent, send, withToken } from '../door.ts';
import { callId, refuse, reply } from '../scripted-pipeline.ts';

const id = '019a0000-0000-7000-8000-00000000000a' as ApprovalId;
const approval = { id, state: 'pending', expiresAtMs: Date.UTC(2027, 0, 1) } as const;
const forms = { elicitation: {} };

let door: Door;
beforeEach(async () => {
  door = await openDoor();
  door.pipeline.answer = async () => refuse({ code: 'CALL_NEEDS_APPROVAL', approval });
});
afterEach(() => door.close());

describe('a call that waits for an operator', () => {
  it.each([{}, { form: {} }, { form: {}, url: {} }])(
    'is a question where the client takes forms: %j',
    async (modes) => {
      const { status, result } = await ask(held({ elicitation: modes }));
      expect([status, result.resultType]).toEqual([200, 'input_required']);
      const { method, params } = result.inputRequests.approval;
      expect(Object.keys(result.inputRequests)).toEqual(['approval']);
      expect([method, params.mode]).toEqual(['elicitation/create', 'form']);
      // Nothing can be filled in: there is no answer that says yes.
      expect(params.requestedSchema).toEqual({ type: 'object', properties: {} });
      expect(params.message).toContain(`sallyport approval allow ${id}`);
      expect(params.message).toContain('approves nothing');
      expect(result).not.toHaveProperty('requestState');
      expect(result._meta).toMatchObject({ 'io.sallyport/call': callId });
    },
  );

  it.each([{}, { elicitation: { url: {} } }, { elicitation: [] }, { elicitation: true }, { sampling: {}, roots: {} }])(
    'is a result with the id of the request where it takes none: %j',
    async (capabilities) => {
      const { result } = await ask(held(capabilities));
      expect([result.resultType, result.isError]).toEqual(['complete', true]);
      expect(JSON.parse(result.content[0].text)).toMatchObject({ code: 'CALL_NEEDS_APPROVAL', approval: { id } });
    },
  );

  it('is such a result in the legacy era, whatever the client can do', async () => {
    const _meta = { 'io.modelcontextprotocol/clientCapabilities': forms };
    for (const params of [{ name: 'shop_refund' }, { name: 'shop_refund', _meta }]) {
      const { result } = await ask(legacy('tools/call', params));
      expect(result.isError).toBe(true);
      expect(JSON.parse(result.content[0].text)).toMatchObject({ approval: { id, state: 'pending' } });
      expect(result).not.toHaveProperty('inputRequests');
    }
  });

  it('is asked about once: with an answer, the client gets a result that it can stop at', async () => {
    const { result } = await ask(held(forms, { approval: { action: 'accept', content: {} } }));
    expect([result.resultType, result.isError]).toEqual(['complete', true]);
    expect(result.content[0].text).toContain(id);
  });

  it.each([{}, { other: { action: 'accept' } }, { Approval: { action: 'accept' } }])(
    'is asked about again where the answer is to something else: %j',
    async (responses) => {
      expect((await ask(held(forms, responses))).result.resultType).toBe('input_required');
    },
  );

  it('hands no word of an answer on', async () => {
    door.pipeline.answer = async () => reply('{"ok":1}');
    const answer = { action: 'accept', content: { approved: true }, _meta: { approved: true } };
    const { result } = await ask(held(forms, { approval: answer, approved: true }));
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { ok: 1 } });
    expect(JSON.stringify(door.pipeline.calls)).not.toContain('approved');
  });
});

describe('a user who does not want to wait', () => {
  it.each(['decline', 'cancel'])('is heard: with %s the call is not made', async (action) => {
    door.pipeline.answer = async () => reply('{"ok":1}');
    const { result } = await ask(held(forms, { approval: { action } }));
    expect([result.resultType, result.isError]).toEqual(['complete', true]);
    expect(JSON.parse(result.content[0].text).code).toBe('CALL_DECLINED');
    expect(door.pipeline.calls).toEqual([]);
    expect(door.pipeline.refused).toEqual(['CALL_DECLINED']);
  });

  it('A6: learns nothing of a tool by it, and an unknown agent nothing at all', async () => {
    const texts: string[] = [];
    for (const name of ['shop_refund', 'secret_tool', 'no-such']) {
      texts.push((await send(door, held(forms, { approval: { action: 'decline' } }, name))).text);
    }
    expect(new Set(texts).size).toBe(1);
    const unknown = withToken(held(forms, { approval: { action: 'decline' } }), 'spt_wrong');
    expect((await send(door, unknown)).status).toBe(401);
  });
});

describe('what is no answer', () => {
  it.each([
    null,
    [],
    'accept',
    { approval: null },
    { approval: 'accept' },
    { approval: true },
    { approval: [] },
    { approval: {} },
    { approval: { action: 'allow' } },
    { approval: { action: ['accept'] } },
    { approval: { Action: 'accept' } },
  ])('is refused before anything is called: %j', async (responses) => {
    const { status, error } = await ask(held(forms, responses));
    expect([status, error.code]).toEqual([400, -32602]);
    expect(door.pipeline.calls).toEqual([]);
  });

  it.each(['', 'x', id, 'eyJhcHByb3ZlZCI6dHJ1ZX0', null, {}])('is a state, since none was given: %j', async (state) => {
    const params = { name: 'shop_refund', requestState: state, _meta: withCapabilities(forms) };
    const { status, error } = await ask(toolRequest(params));
    expect([status, error.code]).toEqual([400, -32602]);
    expect(door.pipeline.calls).toEqual([]);
  });
});

function withCapabilities(capabilities: object): object {
  return { ...envelope, 'io.modelcontextprotocol/clientCapabilities': capabilities };
}

function toolRequest(params: { readonly name: string; readonly [key: string]: unknown }): Sent {
  return { headers: mcpHeaders('tools/call', params.name), body: JSON.stringify(rpc('tools/call', params)) };
}

/** A call, with what its client can do, and answers if there are any. */
function held(capabilities: object, responses?: unknown, name = 'shop_refund'): Sent {
  const answered = responses === undefined ? {} : { inputResponses: responses };
  return toolRequest({ name, ...answered, _meta: withCapabilities(capabilities) });
}

async function ask(sent: Sent) {
  const { status, text } = await send(door, sent);
  return { status, ...JSON.parse(text) };
}
