// `sallyport audit show|tail|verify`: what agents did, and that nobody changed the record of it.
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { AdminClient } from '../../admin/admin-client.ts';
import { type AuditPage, auditPageShape, verificationShape } from '../../admin/client-shapes.ts';
import { withAdmin } from '../admin-session.ts';
import { commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { print, when } from '../output.ts';

const tailIntervalMs = 1000;

/** The command `audit`. */
export function auditCommand(): Command {
  const command = new Command('audit').description('the record of every decision and call');
  command.addCommand(showCommand()).addCommand(tailCommand()).addCommand(verifyCommand());
  return command;
}

function showCommand(): Command {
  return filtered(withSharedOptions(new Command('show')))
    .description('the newest records, oldest first')
    .option('--after <record>', 'only records after this one, the first ones of them', Number)
    .option('--details', 'with the sealed details (arguments of calls)')
    .action(async (options: Filter) => {
      const scope = commandScope(options);
      const page = await withAdmin(scope, (admin) => read(admin, options));
      print(scope.isJson, page, () => page.entries.map(entryLine).join('\n'));
    });
}

function tailCommand(): Command {
  return filtered(withSharedOptions(new Command('tail')))
    .description('records as they are written, until you stop it; needs a running server')
    .action(async (options: Filter) => {
      const scope = commandScope(options);
      await withAdmin(scope, async (admin) => {
        let after: number | undefined;
        for (;;) {
          const page = await read(admin, after === undefined ? options : { ...options, after });
          for (const record of page.entries) print(scope.isJson, record, () => entryLine(record));
          after = page.entries.at(-1)?.leaf ?? after;
          await delay(tailIntervalMs);
        }
      });
    });
}

function verifyCommand(): Command {
  return withSharedOptions(new Command('verify'))
    .description('recompute the tree; exit status 1 when something was changed, cut or left out')
    .action(async (options: SharedOptions) => {
      const scope = commandScope(options);
      const result = await withAdmin(scope, (admin) => admin.post('/v1/audit/verify', verificationShape));
      print(scope.isJson, result, () =>
        [
          `${result.ok ? 'intact' : 'NOT INTACT'}: ${result.size} records, root ${result.root}`,
          `${result.intents} calls allowed, ${result.outcomes} outcomes, ${result.refused} refused`,
          ...result.problems.map(({ leaf, what }) => `! ${leaf === null ? '' : `record ${leaf}: `}${what}`),
        ].join('\n'),
      );
      process.exitCode = result.ok ? 0 : 1;
    });
}

interface Filter extends SharedOptions {
  readonly limit?: string;
  readonly after?: number;
  readonly kind?: string;
  readonly call?: string;
  readonly agent?: string;
  readonly operation?: string;
  readonly details?: boolean;
}

function filtered(command: Command): Command {
  return command
    .option('--limit <count>', 'how many records', '50')
    .option('--kind <kind>', 'only this kind, such as call.refused')
    .option('--call <id>', 'only the records of this call')
    .option('--agent <agent>', 'only calls of this agent')
    .option('--operation <operation>', 'only calls of this operation');
}

async function read(admin: AdminClient, filter: Filter): Promise<AuditPage> {
  const query = new URLSearchParams();
  for (const key of ['limit', 'after', 'kind', 'call', 'agent', 'operation', 'details'] as const) {
    const value = filter[key];
    if (value !== undefined) query.set(key, String(value));
  }
  return await admin.get(`/v1/audit?${query.toString()}`, auditPageShape);
}

const shownApart = new Set(['kind', 'at', 'commitment']);

function entryLine({ leaf, entry, details }: AuditPage['entries'][number]): string {
  const facts = Object.entries(entry)
    .filter(([key, value]) => !shownApart.has(key) && value !== null)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const at = typeof entry['at'] === 'number' ? when(entry['at']) : '-';
  const tail = details === undefined || details === null ? [] : [JSON.stringify(details)];
  return [String(leaf).padStart(6), at, String(entry['kind']), ...facts, ...tail].join(' ');
}
