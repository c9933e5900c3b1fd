// Second stage: the operation by its name, looked up in the agent's own view and nowhere else.
import type { AgentView, Catalogue, CompiledOperation } from '../catalogue/catalogue.ts';
import type { CallRequest } from '../domain/call.ts';
import { RefusedCall } from './refused-call.ts';
import type { InSession, Matched } from './stages.ts';

/** One text for what does not exist and for what is not granted: an agent must not learn which it is (A6). */
export const notAvailable =
  'this operation does not exist or is not open to you; list operations to see those that are';

/** Finds the operation. @throws RefusedCall OPERATION_NOT_AVAILABLE */
export function matchOperation({ caller, session }: InSession): Matched {
  const { catalogue } = caller.snapshot;
  const view = catalogue.views.get(caller.agent.id);
  const operation = view === undefined ? undefined : inView(view, caller.request.name);
  if (view === undefined || operation === undefined) throw refusalOf(catalogue, view, caller.request.name);
  return { stage: 'matched', caller, session, view, operation };
}

function inView(view: AgentView, name: CallRequest['name']): CompiledOperation | undefined {
  const byId: ReadonlyMap<string, CompiledOperation> = view.operations;
  return 'tool' in name ? view.byTool.get(name.tool) : byId.get(name.operation);
}

// Only the operator's records look further than the view.
function refusalOf(catalogue: Catalogue, view: AgentView | undefined, name: CallRequest['name']): RefusedCall {
  const hidden = [...catalogue.operations.values()].find(({ id, toolName }) =>
    'tool' in name ? toolName === name.tool : id === name.operation,
  );
  if (hidden === undefined)
    return new RefusedCall('OPERATION_NOT_AVAILABLE', notAvailable, { reason: 'operation-unknown' });
  const why = view?.policy.hides(hidden.id, hidden.definition.effect);
  return new RefusedCall('OPERATION_NOT_AVAILABLE', notAvailable, {
    reason: why?.reason ?? 'grant-missing',
    rule: why?.rule?.path ?? null,
    operation: hidden.id,
  });
}
