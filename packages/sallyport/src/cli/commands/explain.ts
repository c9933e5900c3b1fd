// `sallyport explain`: the decision on a call that is not made, and the line of the config that makes it.
import { Command } from 'commander';
import { type Explanation, explanationShape } from '../../admin/client-shapes.ts';
import { withAdmin } from '../admin-session.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { noticeLine, print } from '../output.ts';

interface ExplainOptions extends SharedOptions {
  readonly agent: string;
  readonly operation: string;
  readonly input: string;
}

/** The command `explain`; the exit status is the decision: 0 for allow, 3 for hold, 4 for deny or an invalid input. */
export function explainCommand(): Command {
  return withSharedOptions(new Command('explain'))
    .description('print the decision on a call, the line of the config that makes it, and what else stands in its way')
    .requiredOption('--agent <agent>', 'the agent that would call')
    .requiredOption('--operation <operation>', 'the operation, by id or tool name')
    .option('--input <json>', 'the input as JSON', '{}')
    .action(async (options: ExplainOptions) => {
      const scope = commandScope(options);
      const question = { agent: options.agent, operation: options.operation, input: options.input };
      const explanation = await withAdmin(scope, (admin) => admin.post('/v1/explain', explanationShape, question));
      print(scope.isJson, explanation, () => text(explanation));
      process.exitCode = exitStatus(explanation.verdict);
    });
}

function exitStatus(verdict: Explanation['verdict']): number {
  switch (verdict) {
    case 'allow':
      return 0;
    case 'hold':
      return 3;
    case 'deny':
    case 'invalid-input':
      return 4;
  }
}

function text(explanation: Explanation): readonly string[] {
  const { verdict, reason, rule, agentSees, issues, obstacles } = explanation;
  return [
    reason === null ? verdict : `${verdict}: ${reason}`,
    ...(rule === null ? ['no line of the config names it'] : [`${rule.file}:${rule.line} ${rule.path}`]),
    ...issues.map((issue) => `input ${issue.pointer === '' ? '/' : issue.pointer}: ${issue.rule}`),
    ...obstacles.map(noticeLine),
    `the agent sees: ${agentSees}`,
  ];
}
