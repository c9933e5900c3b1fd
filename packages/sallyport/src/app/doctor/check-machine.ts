// What of the machine bears on records and on keys in memory: clock, disk, runtime and flags, core dumps, swap, who may look inside.
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { clock } from '../system.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** What is read of a machine. */
export interface Machine {
  nowMs(): number;
  /** A file of the kernel; undefined where there is none. */
  readText(path: string): string | undefined;
  /** Bytes that this user may still write there. */
  freeBytes(folder: string): number;
}

/** The machine that this runs on. */
export const thisMachine: Machine = {
  nowMs: () => clock.nowMs(),
  readText: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(nearestThatExists(folder));
    return bavail * bsize;
  },
};

// The state is not made by looking at it.
function nearestThatExists(folder: string): string {
  return existsSync(folder) ? folder : nearestThatExists(dirname(folder));
}

const lowDiskBytes = 1024 ** 3;
const fullDiskBytes = 100 * 1024 ** 2;
// Clocks of one machine are corrected by less.
const maxClockStepMs = 5 * 60_000;

/** Findings on the process that holds the keys: the server where one runs, this one otherwise. */
export function checkProcess(machine: Machine, serverProcessId: number | null): readonly Finding[] {
  const process_ = serverProcessId === null ? 'self' : String(serverProcessId);
  return [
    checkRuntime(),
    ...(serverProcessId === null ? [] : checkServerFlags(machine, process_)),
    ...checkCoreDumps(machine, process_),
    ...checkSwap(machine),
    ...checkTracing(machine),
  ];
}

/** Finding on the clock, against the time of the newest record, where there is one. */
export function checkClock(machine: Machine, newestMs: unknown): Finding {
  const nowMs = machine.nowMs();
  if (typeof newestMs !== 'number' || newestMs - nowMs <= maxClockStepMs) {
    return ok('clock', `${new Date(nowMs).toISOString()}, not before the newest record`);
  }
  return fail(
    'clock',
    `${new Date(nowMs).toISOString()} is before the newest record, of ${new Date(newestMs).toISOString()}`,
    'set the clock: lifetimes and rates depend on it',
  );
}

/** Finding on the room that is left for the state. */
export function checkDisk(machine: Machine, folder: string): Finding {
  const freeBytes = machine.freeBytes(folder);
  const what = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free for the state`;
  const remedy = 'make room: a call that cannot be recorded is refused';
  if (freeBytes < fullDiskBytes) return fail('disk', what, remedy);
  return freeBytes < lowDiskBytes ? warn('disk', what, remedy) : ok('disk', what);
}

function checkRuntime(): Finding {
  const what = `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, SQLite ${process.versions.sqlite}`;
  const inherited = process.env['NODE_OPTIONS'];
  if (inherited === undefined) return ok('runtime', what);
  return fail('runtime', `${what}, with NODE_OPTIONS`, 'start it as `sallyport`, whose launcher takes it out');
}

function checkServerFlags(machine: Machine, process_: string): readonly Finding[] {
  const commandLine = machine.readText(`/proc/${process_}/cmdline`);
  if (commandLine === undefined) return [];
  const missing = ['--permission', '--disable-sigusr1'].filter((flag) => !commandLine.split('\0').includes(flag));
  if (missing.length === 0) return [ok('server', 'runs under the permission model, without an inspector')];
  return [fail('server', `runs without ${missing.join(' and ')}`, 'start it as `sallyport up`')];
}

function checkCoreDumps(machine: Machine, process_: string): readonly Finding[] {
  const limits = machine.readText(`/proc/${process_}/limits`);
  const soft = limits === undefined ? undefined : /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return [];
  if (soft === '0') return [ok('core dumps', 'are off')];
  return [fail('core dumps', 'are on: a crash would write every key to disk', 'start it as `sallyport up`')];
}

function checkSwap(machine: Machine): readonly Finding[] {
  const swaps = machine.readText('/proc/swaps');
  if (swaps === undefined) return [];
  const [, ...devices] = swaps.trim().split('\n');
  const onDisk = devices.map((line) => line.split(/\s/)[0] ?? '').filter((device) => !device.startsWith('/dev/zram'));
  if (onDisk.length === 0) return [ok('swap', 'none on a disk')];
  return [warn('swap', `${onDisk.join(', ')} may hold keys for years`, 'encrypt swap, or turn it off')];
}

// Yama: 0 lets every process of this user read the memory of every other one.
function checkTracing(machine: Machine): readonly Finding[] {
  const scope = machine.readText('/proc/sys/kernel/yama/ptrace_scope')?.trim();
  if (scope === undefined) return [];
  if (scope !== '0') return [ok('tracing', 'processes of the same user cannot look into each other')];
  return [
    warn('tracing', 'any process of this user may read the memory of the server', 'sysctl kernel.yama.ptrace_scope=1'),
  ];
}
