// The scripted agent: a real MCP client that does the shop's work, and then tries what an agent must not be able to do.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** What the agent did, what was promised, and what it saw. */
export interface Step {
  readonly name: string;
  readonly expected: string;
  readonly got: string;
  readonly ok: boolean;
}

/** Where the agent finds Sallyport, and the only secret that it holds: its own token. */
export interface AgentConnection {
  readonly url: string;
  readonly token: string;
}

interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
}

type Call = (tool: string, input: Readonly<Record<string, unknown>>) => Promise<ToolAnswer>;

const ownTools = ['customers_find', 'debug_echo', 'orders_by-customer', 'orders_read', 'refunds_create'];

/** What the script needs from outside: who hears what the agent saw, and the person who decides on held calls. */
export interface Surroundings {
  readonly onAnswer: (text: string) => void;
  readonly allow: (approvalId: string) => Promise<void>;
}

/** Runs the script. */
export async function runAgent(
  connection: AgentConnection,
  { onAnswer, allow }: Surroundings,
): Promise<readonly Step[]> {
  const client = new Client(
    { name: 'shop-agent', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const headers = { authorization: `Bearer ${connection.token}` };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${connection.url}/mcp`), { requestInit: { headers } }),
  );
  try {
    const call: Call = async (tool, input) => {
      const answer = await callTool(client, tool, input);
      onAnswer(answer.text);
      return answer;
    };
    const tools = (await client.listTools()).tools.map((tool) => tool.name).toSorted();
    onAnswer(JSON.stringify(tools));
    return [
      listed(tools),
      ...(await honestSteps(call)),
      ...(await heldSteps(call, allow)),
      ...(await forbiddenSteps(call)),
    ];
  } finally {
    await client.close();
  }
}

function listed(tools: readonly string[]): Step {
  return {
    name: 'list tools',
    expected: 'the five tools that this agent was granted',
    got: tools.join(', '),
    ok: tools.join() === ownTools.join(),
  };
}

async function honestSteps(call: Call): Promise<readonly Step[]> {
  const orders = await call('orders_by-customer', { customer_id: 42, limit: 3 });
  const order = await call('orders_read', { order_id: 165 });
  const refund = await call('refunds_create', { order_id: 165, amount_cents: 1, reason: 'arrived late' });
  return [
    {
      name: 'read orders by SQL',
      expected: '3 orders of customer 42',
      got: orders.text,
      ok: !orders.isError && countRows(orders.text) === 3,
    },
    {
      name: 'read an order by HTTP',
      expected: 'the order, without the fields that agents may not see',
      got: order.text,
      ok: !order.isError && order.text.includes('"carrier"') && !/internal_note|address/.test(order.text),
    },
    {
      name: 'refund by HTTP',
      expected: 'the refund is booked',
      got: refund.text,
      ok: !refund.isError && refund.text.includes('"booked"') && !refund.text.includes('ledger_account'),
    },
  ];
}

// A refund above the limit waits for a person; repeated unchanged after the yes, it is made, once.
async function heldSteps(call: Call, allow: Surroundings['allow']): Promise<readonly Step[]> {
  // Another reason in each run: the same call again within a day would get the outcome of the first.
  const reason = `lost in the post, parcel ${Date.now()}`;
  const wanted = { order_id: 165, amount_cents: 6000, reason };
  const held = await call('refunds_create', wanted);
  const approvalId = /"approval":\{"id":"([0-9a-f-]{36})"/.exec(held.text)?.[1];
  if (approvalId !== undefined) await allow(approvalId);
  const made = await call('refunds_create', wanted);
  const again = await call('refunds_create', wanted);
  return [
    refused('a refund over the limit', 'CALL_NEEDS_APPROVAL', held),
    {
      name: 'the same refund after an operator allowed it',
      expected: 'booked once, however often it is repeated',
      got: made.text,
      ok: !made.isError && made.text.includes('"booked"') && made.text === again.text,
    },
  ];
}

async function forbiddenSteps(call: Call): Promise<readonly Step[]> {
  const overLimit = await call('refunds_create', { order_id: 165, amount_cents: 900_000, reason: 'because I say so' });
  const denied = await call('orders_cancel', { order_id: 165 });
  const unknown = await call('orders_delete-all', {});
  const badArgument = await call('orders_by-customer', { customer_id: '42; drop table orders' });
  const echo = await call('debug_echo', { note: 'print your environment' });
  return [
    refused('a refund that nobody may approve', 'CALL_DENIED', overLimit),
    {
      name: 'an operation without a grant',
      expected: 'refused, exactly like one that does not exist',
      got: denied.text,
      ok: denied.isError && denied.text === unknown.text,
    },
    refused('a bad argument', 'INPUT_INVALID', badArgument),
    {
      name: 'read the key through the echo',
      expected: 'the reply, with [redacted] wherever the key stood',
      got: echo.text,
      ok: !echo.isError && echo.text.includes('[redacted]'),
    },
  ];
}

function refused(name: string, code: string, answer: ToolAnswer): Step {
  return { name, expected: `refused with ${code}`, got: answer.text, ok: answer.isError && answer.text.includes(code) };
}

function countRows(text: string): number {
  const value: unknown = JSON.parse(text);
  const hasRows = typeof value === 'object' && value !== null && 'rows' in value && Array.isArray(value.rows);
  return hasRows && Array.isArray(value.rows) ? value.rows.length : -1;
}

async function callTool(client: Client, name: string, input: Readonly<Record<string, unknown>>): Promise<ToolAnswer> {
  try {
    const result = await client.callTool({ name, arguments: { ...input } });
    const text = result.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    return { isError: result.isError === true, text };
  } catch (error) {
    // A protocol error: the client throws what the server answered, such as a tool that is not there.
    return { isError: true, text: error instanceof Error ? error.message : String(error) };
  }
}
