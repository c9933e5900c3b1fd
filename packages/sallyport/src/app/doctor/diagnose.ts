// Looks at everything that a working, protected Sallyport depends on, and says what to do about what is wrong.
import type { AdminClient } from '../../admin/admin-client.ts';
import { auditPageShape, keyShape, type Status, statusShape } from '../../admin/client-shapes.ts';
import type { Config } from '../../domain/config.ts';
import { counted } from '../../domain/counted.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { Notice } from '../../domain/notice.ts';
import type { LocatedProblem } from '../../domain/problem.ts';
import type { NetworkService } from '../../domain/service.ts';
import type { StatePaths } from '../../launch/state-paths.ts';
import { probeService } from '../../net/probe.ts';
import { checkFiles, checkSqliteFiles } from './check-files.ts';
import { checkClock, checkDisk, checkProcess, type Machine } from './check-machine.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** What the diagnosis looks at. */
export interface Patient {
  readonly paths: StatePaths;
  readonly configFile: string;
  /** The config, or undefined when it has errors. */
  readonly config: Config | undefined;
  readonly problems: readonly LocatedProblem[];
  readonly openAdmin: () => Promise<AdminClient>;
}

const makeVault = 'run `sallyport vault create`, with --key-file where no person is';
const probeTimeoutMs = 5_000;

/** Every finding, in the order in which a reader wants it. Sends no credential and no request. */
export async function diagnose(patient: Patient, machine: Machine): Promise<readonly Finding[]> {
  const { paths, configFile, config, problems } = patient;
  const inside = await checkInside(patient, machine);
  return [
    ...inside.findings,
    ...checkConfig(configFile, problems),
    ...checkFiles(paths, configFile),
    checkDisk(machine, paths.stateFolder),
    ...(config === undefined ? [] : [...checkSqliteFiles(config), ...(await checkServices(config))]),
    ...checkProcess(machine, inside.serverProcessId),
  ];
}

interface Inside {
  readonly findings: readonly Finding[];
  readonly serverProcessId: number | null;
}

async function checkInside({ openAdmin }: Patient, machine: Machine): Promise<Inside> {
  try {
    const admin = await openAdmin();
    try {
      const status = await admin.get('/v1/status', statusShape);
      const newest = await admin.get('/v1/audit?limit=1', auditPageShape);
      const findings = [
        ...statusFindings(status),
        await checkVault(admin, status.unlockSource),
        checkClock(machine, newest.entries[0]?.entry['at']),
      ];
      return { findings, serverProcessId: status.server?.processId ?? null };
    } finally {
      await admin.close();
    }
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    const what = `the state cannot be opened (${error.code})`;
    const finding = fail('state', what, error.message.split('\n')[0] ?? '');
    return { findings: [finding], serverProcessId: null };
  }
}

// The key of the audit is one that only an unlocked vault gives.
async function checkVault(admin: AdminClient, unlockSource: string | null): Promise<Finding> {
  if (unlockSource === null) return fail('vault', 'there is none yet', makeVault);
  try {
    await admin.get('/v1/audit/key', keyShape);
    return ok('vault', `unlocked by ${unlockSource}`);
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    return fail('vault', `cannot be unlocked (${error.code})`, error.message.split('\n')[0] ?? '');
  }
}

function statusFindings({ level, server, notices }: Status): readonly Finding[] {
  const isLow = level.level === 'L0';
  const remedy = 'run it under a system user of its own, or on another machine; see docs/operations.md';
  return [
    isLow ? warn('level', `L0: ${level.meaning}`, remedy) : ok('level', `${level.level}: ${level.meaning}`),
    server === null ? warn('server', 'not running', 'run `sallyport up`') : ok('server', `listens on ${server.url}`),
    ...notices.map((notice) => noticeFinding(notice)),
  ];
}

function noticeFinding({ what, remedy }: Notice): Finding {
  return warn('notice', what, remedy ?? 'nothing, if it is meant so');
}

function checkConfig(file: string, problems: readonly LocatedProblem[]): readonly Finding[] {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) return [fail('config', `${file} has ${counted(errors, 'error')}`, 'run `sallyport check`')];
  if (problems.length === 0) return [ok('config', `${file} is fine`)];
  return [warn('config', `${file} is fine, with ${counted(problems.length, 'warning')}`, 'run `sallyport check`')];
}

async function checkServices({ services }: Config): Promise<readonly Finding[]> {
  const remote = [...services.values()].filter((service) => service.type !== 'sqlite');
  return await Promise.all(remote.map((service) => checkService(service)));
}

async function checkService(service: NetworkService): Promise<Finding> {
  const check = `service ${service.id}`;
  try {
    await probeService(service, probeTimeoutMs);
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    return fail(check, `${error.message} (${error.code})`, remedyOf(error.code));
  }
  const how = service.trust.kind === 'loopback' ? 'is reached without TLS' : 'proves its identity';
  return ok(check, `${service.host}:${service.port} ${how}`);
}

function remedyOf(code: string): string {
  switch (code) {
    case 'ADDRESS_REFUSED':
      return 'declare the range under `addresses` if it is right';
    case 'UPSTREAM_IDENTITY':
      return 'check the certificate of the service, or `trust` in the config';
    default:
      return 'check name, port and network';
  }
}
