// What doctor says of a machine: each state of clock, disk, flags, core dumps, swap and tracing, on machines that are made up.
import { describe, expect, it, vi } from 'vitest';
import {
  checkClock,
  checkDisk,
  checkProcess,
  type Machine,
  thisMachine,
} from '../../../src/app/doctor/check-machine.ts';
import type { Finding } from '../../../src/app/doctor/finding.ts';

const now = Date.UTC(2026, 10, 24);
const gib = 1024 ** 3;

function machine(files: Readonly<Record<string, string>>, freeBytes = 10 * gib): Machine {
  return {
    nowMs: () => now,
    readText: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    freeBytes: () => freeBytes,
  };
}

function told(findings: readonly Finding[], check: string): string {
  return findings.flatMap((each) => (each.check === check ? [`${each.state}: ${each.what}`] : [])).join('\n');
}

const header = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';

describe('the disk', () => {
  it.each([
    [gib, 'ok', '1.0 GiB'],
    [gib - 1, 'warn', '1.0 GiB'],
    [100 * 1024 ** 2, 'warn', '0.1 GiB'],
    [100 * 1024 ** 2 - 1, 'fail', '0.1 GiB'],
    [0, 'fail', '0.0 GiB'],
  ])('with %d bytes free is %s', (freeBytes, state, what) => {
    const finding = checkDisk(machine({}, freeBytes), '/state');
    expect([finding.state, finding.what]).toEqual([state, `${what} free for the state`]);
    expect(finding.remedy === null).toBe(state === 'ok');
  });
});

describe('the clock', () => {
  it.each([
    ['no record', undefined, 'ok'],
    ['a record from before', now - 1, 'ok'],
    ['a record of five minutes ahead', now + 300_000, 'ok'],
    ['a record of more than five minutes ahead', now + 300_001, 'fail'],
  ])('with %s is judged by it', (_, newestMs, state) => {
    expect(checkClock(machine({}), newestMs).state).toBe(state);
  });
});

describe('swap', () => {
  it.each([
    ['none', header, 'ok: none on a disk'],
    ['in compressed memory', `${header}/dev/zram0 partition 8 0 100\n`, 'ok: none on a disk'],
    ['on a disk', `${header}/dev/sda2 partition 8 0 -2\n`, 'warn: /dev/sda2 may hold keys for years'],
    [
      'of both kinds',
      `${header}/dev/zram0 partition 8 0 100\n/swap.img file 8 0 -2\n`,
      'warn: /swap.img may hold keys for years',
    ],
  ])('%s', (_, swaps, expected) => {
    expect(told(checkProcess(machine({ '/proc/swaps': swaps }), null), 'swap')).toBe(expected);
  });
});

describe('looking into the process', () => {
  const scope = '/proc/sys/kernel/yama/ptrace_scope';

  it.each([
    ['0\n', /^warn: any process of this user may read the memory/],
    ['1\n', /^ok: /],
    ['3\n', /^ok: /],
  ])('with a scope of %j', (text, expected) => {
    expect(told(checkProcess(machine({ [scope]: text }), null), 'tracing')).toMatch(expected);
  });
});

describe('the process that holds the keys', () => {
  const limits = (soft: string) =>
    `Limit Soft Limit Hard Limit Units\nMax core file size        ${soft}    unlimited  bytes\n`;
  const flags = ['node', '--disable-sigusr1', '--permission', 'main.js', 'up', ''].join('\0');

  it.each([
    ['0', /^ok: are off/],
    ['unlimited', /^fail: are on/],
    ['1', /^fail: are on/],
  ])('L06: with %s for its core dumps', (soft, expected) => {
    expect(told(checkProcess(machine({ '/proc/7/limits': limits(soft) }), 7), 'core dumps')).toMatch(expected);
  });

  it('L06: is the server where one runs, and this process otherwise', () => {
    const both = machine({ '/proc/7/limits': limits('unlimited'), '/proc/self/limits': limits('0') });
    expect(told(checkProcess(both, 7), 'core dumps')).toMatch(/^fail/);
    expect(told(checkProcess(both, null), 'core dumps')).toMatch(/^ok/);
  });

  it.each([
    ['--permission', /^fail: runs without --permission$/],
    ['--disable-sigusr1', /^fail: runs without --disable-sigusr1$/],
    ['--none', /^ok: /],
  ])('L06: is a server without %s', (missing, expected) => {
    const commandLine = flags.replace(missing, '--other');
    expect(told(checkProcess(machine({ '/proc/7/cmdline': commandLine }), 7), 'server')).toMatch(expected);
  });

  it.each([
    [undefined, /^ok: Node /],
    ['--require=x', /^fail: Node .*, with NODE_OPTIONS$/],
  ])('A07: with %s as its NODE_OPTIONS', (options, expected) => {
    vi.stubEnv('NODE_OPTIONS', options);
    expect(told(checkProcess(machine({}), null), 'runtime')).toMatch(expected);
  });

  it('is said nothing of where the machine does not tell', () => {
    expect(checkProcess(machine({}), 7).map(({ check }) => check)).toEqual(['runtime']);
  });
});

describe('this machine', () => {
  it('has a clock and a disk, and no file that is not there', () => {
    expect(thisMachine.nowMs()).toBeGreaterThan(now - 365 * 86_400_000 * 10);
    expect(thisMachine.freeBytes('.')).toBeGreaterThan(0);
    expect(thisMachine.readText('/proc/no-such-file')).toBeUndefined();
  });
});
