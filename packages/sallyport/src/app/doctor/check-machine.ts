// What of the machine bears on keys in memory: the runtime and its flags, core dumps, swap, who may look into the process.
import { readFileSync } from 'node:fs';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Findings on the process that holds the keys: the server where one runs, this one otherwise. */
export function checkMachine(serverProcessId: number | null): readonly Finding[] {
  const process_ = serverProcessId === null ? 'self' : String(serverProcessId);
  return [
    checkRuntime(),
    ...(serverProcessId === null ? [] : checkServerFlags(process_)),
    ...checkCoreDumps(process_),
    ...checkSwap(),
    ...checkTracing(),
  ];
}

function checkRuntime(): Finding {
  const what = `Node ${process.versions.node}, ${process.versions.openssl}, SQLite ${process.versions.sqlite}`;
  const inherited = process.env['NODE_OPTIONS'];
  if (inherited === undefined) return ok('runtime', what);
  return fail('runtime', `${what}, with NODE_OPTIONS`, 'start it as `sallyport`, whose launcher takes it out');
}

function checkServerFlags(process_: string): readonly Finding[] {
  const commandLine = readProc(`/proc/${process_}/cmdline`);
  if (commandLine === undefined) return [];
  const missing = ['--permission', '--disable-sigusr1'].filter((flag) => !commandLine.split('\0').includes(flag));
  if (missing.length === 0) return [ok('server', 'runs under the permission model, without an inspector')];
  return [fail('server', `runs without ${missing.join(' and ')}`, 'start it as `sallyport up`')];
}

function checkCoreDumps(process_: string): readonly Finding[] {
  const limits = readProc(`/proc/${process_}/limits`);
  const soft = limits === undefined ? undefined : /^Max core file size\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return [];
  if (soft === '0') return [ok('core dumps', 'are off')];
  return [fail('core dumps', 'are on: a crash would write every key to disk', 'start it as `sallyport up`')];
}

function checkSwap(): readonly Finding[] {
  const swaps = readProc('/proc/swaps');
  if (swaps === undefined) return [];
  const [, ...devices] = swaps.trim().split('\n');
  const onDisk = devices.map((line) => line.split(/\s/)[0] ?? '').filter((device) => !device.startsWith('/dev/zram'));
  if (onDisk.length === 0) return [ok('swap', 'none on a disk')];
  return [warn('swap', `${onDisk.join(', ')} may hold keys for years`, 'encrypt swap, or turn it off')];
}

// Yama: 0 lets every process of this user read the memory of every other one.
function checkTracing(): readonly Finding[] {
  const scope = readProc('/proc/sys/kernel/yama/ptrace_scope')?.trim();
  if (scope === undefined) return [];
  if (scope !== '0') return [ok('tracing', 'processes of the same user cannot look into each other')];
  return [
    warn('tracing', 'any process of this user may read the memory of the server', 'sysctl kernel.yama.ptrace_scope=1'),
  ];
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
