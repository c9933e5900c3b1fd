// `sallyport audit show|tail|verify`: what agents did, and that nobody changed the record of it.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { AdminClient } from '../../admin/admin-client.ts';
import {
  type AuditPage,
  auditPageShape,
  checkpointShape,
  erasedShape,
  keyShape,
  leavesShape,
  statusShape,
  type Verification,
  verificationShape,
} from '../../admin/client-shapes.ts';
import { counted } from '../../domain/counted.ts';
import { SallyportError } from '../../domain/errors.ts';
import { shellWord } from '../../domain/shell-word.ts';
import { withAdmin } from '../admin-session.ts';
import { auditLine } from '../audit-line.ts';
import { type CommandScope, commandScope, type SharedOptions, withSharedOptions } from '../options.ts';
import { note, print } from '../output.ts';

const tailIntervalMs = 1000;
// A server that is only started anew must find its state free.
const restartMs = 3000;

/** The command `audit`. */
export function auditCommand(): Command {
  const command = new Command('audit').description('the record of every decision and call');
  command.addCommand(showCommand()).addCommand(tailCommand()).addCommand(verifyCommand());
  command.addCommand(exportCommand()).addCommand(eraseCommand()).addCommand(keyCommand());
  return command;
}

function showCommand(): Command {
  return filtered(withSharedOptions(new Command('show')))
    .description('the newest records, oldest first')
    .option('--after <record>', 'only records after this one, the first ones of them')
    .option('--details', 'with the sealed details (arguments of calls)')
    .action(async (options: Filter) => {
      const scope = commandScope(options);
      const page = await withAdmin(scope, (admin) => read(admin, options));
      print(scope.isJson, page, () => pageText(page));
    });
}

function pageText({ entries, hint }: AuditPage): readonly string[] {
  if (entries.length > 0) return entries.map(auditLine);
  return [`no record matches${hint === undefined ? '' : `: ${hint}`}`];
}

function tailCommand(): Command {
  return filtered(withSharedOptions(new Command('tail')))
    .description(
      'records as they are written, until you stop it or the server ends; only the newest ones when no server runs',
    )
    .action((options: Filter) => tail(commandScope(options), options));
}

async function tail(scope: CommandScope, options: Filter): Promise<void> {
  let after: number | undefined;
  let wasServed = false;
  const printNew = async (admin: AdminClient, filter: Filter): Promise<number> => {
    const page = await read(admin, after === undefined ? filter : { ...filter, after: String(after) });
    for (const record of page.entries) print(scope.isJson, record, () => auditLine(record));
    after = page.entries.at(-1)?.leaf ?? after;
    return page.entries.length;
  };
  const printRest = async (admin: AdminClient): Promise<void> => {
    // Nobody writes while this holds the state. The key to details went with the server.
    const rest = wasServed ? { ...options, details: false } : options;
    while ((await printNew(admin, rest)) > 0);
    const why = wasServed ? 'the server has ended' : 'no server runs';
    note(`${why}, so no record will follow: run \`sallyport up\`, then this again`);
  };
  const follow = async (admin: AdminClient): Promise<void> => {
    const { server } = await admin.get('/v1/status', statusShape);
    if (server === null) return await printRest(admin);
    wasServed = true;
    for (;;) {
      await printNew(admin, options);
      await delay(tailIntervalMs);
    }
  };
  for (;;) {
    try {
      return await withAdmin(scope, follow);
    } catch (error) {
      // The operators' door closes first, and the last records come after it. They are read when the state is free.
      if (!wasServed || !isServerGone(error)) throw error;
      await delay(restartMs);
    }
  }
}

function isServerGone(error: unknown): boolean {
  return error instanceof SallyportError && error.code === 'SERVER_NOT_RUNNING';
}

interface VerifyOptions extends SharedOptions {
  readonly copy?: string;
  readonly key?: string;
  readonly checkpoint?: string;
}

function verifyCommand(): Command {
  return withSharedOptions(new Command('verify'))
    .description('recompute the tree; exit status 1 when something was changed, cut or left out')
    .option('--copy <folder>', 'verify an exported copy instead; needs --key, and nothing else')
    .option('--key <key>', 'the public key that you trust, as `audit key` prints it')
    .option('--checkpoint <file>', 'a checkpoint that you kept: the copy must reach it and agree with it')
    .action(async (options: VerifyOptions) => {
      const scope = commandScope(options);
      const result = options.copy === undefined ? await verifyOwn(scope) : await verifyACopy(options.copy, options);
      print(scope.isJson, result, () => verificationText(result));
      process.exitCode = result.ok ? 0 : 1;
    });
}

async function verifyOwn(scope: CommandScope): Promise<Verification> {
  return await withAdmin(scope, (admin) => admin.post('/v1/audit/verify', verificationShape));
}

async function verifyACopy(folder: string, { key, checkpoint }: VerifyOptions): Promise<Verification> {
  if (key === undefined)
    throw new SallyportError('ADMIN_INPUT', 'a copy is verified with the key that you trust: give --key');
  const { verifyCopy } = await import('../../app.ts');
  const trustedCheckpoint = checkpoint === undefined ? null : readFileSync(checkpoint, 'utf8');
  return verificationShape.parse(await verifyCopy({ folder, key, trustedCheckpoint }));
}

function verificationText(result: Verification): readonly string[] {
  return [
    `${result.ok ? 'intact' : 'NOT INTACT'}: ${result.size} records, root ${result.root}`,
    `${result.intents} calls allowed, ${result.outcomes} outcomes, ${result.refused} refused`,
    ...openCalls(result.open),
    ...result.problems.map(({ leaf, what }) => `! ${leaf === null ? '' : `record ${leaf}: `}${what}`),
  ];
}

function openCalls(open: number): readonly string[] {
  if (open === 0) return [];
  const what = `${counted(open, 'call')} ${open === 1 ? 'has' : 'have'} an intent and no outcome yet`;
  return [`- ${what}: under way, or cut off with their server, whose next start closes them as indeterminate`];
}

function exportCommand(): Command {
  return withSharedOptions(new Command('export'))
    .description('write a copy that anybody can verify with the public key: C2SP tiles and a signed checkpoint')
    .argument('<folder>', 'folder of the copy; made when it is not there')
    .action(async (folder: string, options: SharedOptions) => {
      const scope = commandScope(options);
      const { requireCopyFolder, writeCopy } = await import('../../app.ts');
      await requireCopyFolder(folder);
      const exported = await withAdmin(scope, async (admin) => {
        const checkpoint = await admin.post('/v1/audit/checkpoint', checkpointShape);
        const { key } = await admin.get('/v1/audit/key', keyShape);
        await writeCopy(folder, {
          checkpoint,
          leaves: async (from) => {
            const { leaves } = await admin.get(`/v1/audit/leaves?from=${from}`, leavesShape);
            return leaves.map((leaf) => Buffer.from(leaf, 'base64'));
          },
          progress: (written, size) => note(`${written} of ${size} records`),
        });
        return { folder, size: checkpoint.size, key };
      });
      print(scope.isJson, exported, () => [
        `wrote ${counted(exported.size, 'record')} to ${folder}; to verify it, here or on any machine with Node:`,
        `sallyport-verify ${shellWord(folder)} --key ${shellWord(exported.key)}`,
      ]);
    });
}

function eraseCommand(): Command {
  return withSharedOptions(new Command('erase'))
    .description('erase the details (arguments) of a record for good; the log stays verifiable')
    .argument('<record>', 'number of the record, as `audit show` prints it', Number)
    .action(async (record: number, options: SharedOptions) => {
      const scope = commandScope(options);
      const erased = await withAdmin(scope, (admin) => admin.post('/v1/audit/erase', erasedShape, { record }));
      print(scope.isJson, erased, () => `erased the details of record ${record}`);
    });
}

interface KeyOptions extends SharedOptions {
  readonly renew?: boolean;
}

function keyCommand(): Command {
  return withSharedOptions(new Command('key'))
    .description('the public key that signs the audit; keep it where Sallyport cannot change it')
    .option('--renew', 'sign with a new key from now on; the old one signs it in')
    .action(async (options: KeyOptions) => {
      const scope = commandScope(options);
      const result = await withAdmin(scope, (admin) =>
        options.renew === true ? admin.post('/v1/audit/key/renew', keyShape) : admin.get('/v1/audit/key', keyShape),
      );
      print(scope.isJson, result, () => result.key);
    });
}

interface Filter extends SharedOptions {
  readonly limit?: string;
  readonly after?: string;
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
  for (const key of ['limit', 'after', 'kind', 'call', 'agent', 'operation'] as const) {
    const value = filter[key];
    if (value !== undefined) query.set(key, value);
  }
  const path = filter.details === true ? '/v1/audit/details' : '/v1/audit';
  return await admin.get(`${path}?${query.toString()}`, auditPageShape);
}
