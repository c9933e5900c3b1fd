// Each agent has a view of its own: an operation that it can never call is not in it, so denied and unknown cannot be told apart.
import type { AgentDefinition, AgentId } from '../domain/agent.ts';
import type { Config } from '../domain/config.ts';
import type { OperationId } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';
import { compilePolicy } from '../policy/compile-policy.ts';
import type { AgentView, CompiledOperation } from './catalogue.ts';
import { conditionProblems } from './conditions.ts';
import type { CompiledInputs } from './input-schema.ts';

/** The views by agent; those of agents with problems are left out. */
export interface Views {
  readonly views: ReadonlyMap<AgentId, AgentView>;
  readonly problems: readonly Problem[];
}

/** Compiles the view of every agent of the config. */
export function compileViews(
  config: Config,
  operations: ReadonlyMap<OperationId, CompiledOperation>,
  inputs: ReadonlyMap<OperationId, CompiledInputs>,
): Views {
  const views = new Map<AgentId, AgentView>();
  const problems: Problem[] = [];
  for (const agent of config.agents.values()) {
    if (!config.isProven) problems.push(...conditionProblems(agent, inputs));
    const compiled = compilePolicy(agent);
    if (compiled.ok) views.set(agent.id, viewOf(agent, compiled.policy, operations));
    else problems.push(...compiled.problems);
  }
  return { views, problems };
}

function viewOf(
  agent: AgentDefinition,
  policy: AgentView['policy'],
  all: ReadonlyMap<OperationId, CompiledOperation>,
): AgentView {
  const operations = new Map<OperationId, CompiledOperation>();
  const byTool = new Map<string, CompiledOperation>();
  for (const id of [...all.keys()].sort()) {
    const operation = all.get(id);
    if (operation === undefined || policy.hides(id, operation.definition.effect) !== null) continue;
    operations.set(id, operation);
    byTool.set(operation.toolName, operation);
  }
  return Object.freeze({ agent, policy, operations, byTool });
}
