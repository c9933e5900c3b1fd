// `sallyport approval list|show|allow|refuse`: an operator sees exactly what would be executed, and decides for that call only.
import { Command } from 'commander';
import {
  type ApprovalView,
  approvalDecisionShape,
  approvalDetailShape,
  approvalListShape,
} from '../../admin/client-shapes.ts';
import { withAdmin } from '../admin-session.ts';
import { approvalText } from '../approval-text.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { type Line, print, tableOr, terminalColumns, when } from '../output.ts';

/** The command `approval`. */
export function approvalCommand(): Command {
  const command = new Command('approval').description('calls that wait for a decision');
  command.addCommand(listCommand()).addCommand(showCommand());
  command.addCommand(decideCommand('allow', 'allow this call once, with exactly this input'));
  command.addCommand(decideCommand('refuse', 'refuse this call'));
  return command;
}

interface ListOptions extends SharedOptions {
  readonly all?: boolean;
}

function listCommand(): Command {
  return withSharedOptions(new Command('list'))
    .description('calls that wait')
    .option('--all', 'decided, used and expired ones as well')
    .action(async (options: ListOptions) => {
      const scope = commandScope(options);
      const path = options.all === true ? '/v1/approvals?all=true' : '/v1/approvals';
      const { approvals } = await withAdmin(scope, (admin) => admin.get(path, approvalListShape));
      print(scope.isJson, { approvals }, () => approvalTable(approvals));
    });
}

/** Requests for approval as a table. */
export function approvalTable(approvals: readonly ApprovalView[]): readonly Line[] {
  const rows = approvals.map((each) => [
    each.id,
    each.agent,
    each.operation,
    each.effect ?? '-',
    each.isOutdated ? `${each.state}, outdated` : each.state,
    when(each.requestedAtMs),
    when(each.expiresAtMs),
  ]);
  return tableOr(
    'no call waits for a yes; `--all` shows those of before',
    ['APPROVAL', 'AGENT', 'OPERATION', 'EFFECT', 'STATE', 'ASKED', 'ENDS'],
    rows,
  );
}

function showCommand(): Command {
  return withSharedOptions(new Command('show'))
    .description('what exactly would be executed; characters that cannot be seen are written out')
    .argument('<approval>', 'id of the approval, as `approval list` prints it')
    .action(async (id: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const detail = await withAdmin(scope, (admin) => admin.get(pathOf(id), approvalDetailShape));
      print(scope.isJson, detail, () => approvalText(detail, terminalColumns()));
    });
}

function decideCommand(verb: 'allow' | 'refuse', description: string): Command {
  return withSharedOptions(new Command(verb))
    .description(description)
    .argument('<approval>', 'id of the approval, as `approval list` prints it')
    .action(async (id: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const decided = await withAdmin(scope, (admin) => admin.post(`${pathOf(id)}/${verb}`, approvalDecisionShape));
      print(scope.isJson, decided, () => `${decided.operation} of ${decided.agent}: ${decided.state}`);
    });
}

function pathOf(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}
