// The workspace's own commands: what counts as a failure, and how a real server is started, named as missing and stopped.
import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prepareServers } from '../scripts/servers.js';
import { closingLine, countResults } from '../scripts/test-results.js';
import { availableServer } from './servers.ts';

const passed = { status: 'passed', fullName: 'a' };

describe('the closing line', () => {
  it('counts tests, and names how many were skipped', () => {
    const tests = [passed, { status: 'failed', fullName: 'b' }, { status: 'skipped', fullName: 'c [needs x]' }];
    const results = countResults({ testResults: [{ status: 'failed', assertionResults: tests }] }, 1);
    expect(results.skippedNames).toEqual(['c [needs x]']);
    expect(closingLine(results)).toBe('1 passed, 1 failed, 1 skipped');
  });

  it('counts a file that did not load, a missing report and an error outside every test as a failure', () => {
    expect(countResults({ testResults: [{ status: 'failed', assertionResults: [] }] }, 1).failed).toBe(1);
    expect(countResults(undefined, 0).failed).toBe(1);
    expect(countResults({ testResults: [{ status: 'passed', assertionResults: [passed] }] }, 1).failed).toBe(1);
  });
});

describe('npm start -- --example', () => {
  const start = fileURLToPath(new URL('../scripts/start.js', import.meta.url));

  it.each([
    ['github', 'examples/github has no program to start'],
    ['nonsense', 'There is no example "nonsense"'],
    ['../scripts', 'There is no example "../scripts"'],
  ])('%s says why it does not start, and which do', (name, why) => {
    const { status, stderr } = spawnSync(process.execPath, [start, '--example', name], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([2, `${why}. npm start -- --example NAME starts: shop, shop-postgres.\n`]);
  });
});

describe('the servers of tests', () => {
  const program = "require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1')";

  it('start on a loopback port, are passed on by name, and stop', async () => {
    const start = ({ port }: { port: number }) => ['-e', program, String(port)];
    const table = { echo: { debianPackage: 'none', binary: process.execPath, neededBy: 'tests', start } };
    const { available, missing, stop } = await prepareServers('tests', table);
    const port = availableServer('echo', JSON.stringify(available))?.port ?? 0;
    // It never rejects, so the server is stopped whatever the answer.
    const before = await accepts(port);
    await stop();
    expect({ missing, before, after: await accepts(port) }).toEqual({ missing: [], before: true, after: false });
  });

  it('are missing when they end at once, and only those that are needed are looked at', async () => {
    const ends = { debianPackage: 'none', binary: process.execPath, start: () => ['-e', ''] };
    const table = { ends: { ...ends, neededBy: 'tests' }, unasked: { ...ends, neededBy: 'bench' } };
    const { available, missing } = await prepareServers('tests', table);
    expect({ available, missing: missing.map(({ name }: { name: string }) => name) }).toEqual({
      available: {},
      missing: ['ends'],
    });
  });
});

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
