// What an agent may call, as front doors list it: its own view and nothing else.
import type { AgentView } from '../catalogue/catalogue.ts';
import type { Presented } from '../domain/agent.ts';
import { SallyportError } from '../domain/errors.ts';
import type { ListedOperation } from '../domain/reply.ts';
import type { PipelineDependencies } from './pipeline.ts';

/** Lists the operations of whoever holds the token, in the order of ids. @throws SallyportError TOKEN_*, SESSION_REVOKED */
export function listOperations(
  { agents, snapshot }: PipelineDependencies,
  token: Presented,
): readonly ListedOperation[] {
  const { catalogue } = snapshot();
  const agent = agents.authenticate(token, (id) => catalogue.config.agents.get(id));
  // Listing opens no session; it only respects that an operator ended one.
  const sessions = agents.sessions().filter((session) => session.agent === agent.id);
  if (sessions.length > 0 && sessions.every((session) => session.state === 'revoked')) {
    throw new SallyportError('SESSION_REVOKED', 'an operator ended this session; only an operator can open another');
  }
  const view = catalogue.views.get(agent.id);
  return view === undefined ? [] : listedIn(view);
}

const lists = new WeakMap<AgentView, readonly ListedOperation[]>();

function listedIn(view: AgentView): readonly ListedOperation[] {
  const known = lists.get(view);
  if (known !== undefined) return known;
  const listed = Array.from(view.operations.values(), ({ id, toolName, definition, inputSchema }) =>
    Object.freeze({
      operation: id,
      tool: toolName,
      description: definition.description,
      effect: definition.effect,
      inputSchema,
    }),
  );
  lists.set(view, Object.freeze(listed));
  return listed;
}
