// Contract: what a person meets who starts the example: busy ports, wrong options, and the command to go on with.
import { readFileSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExampleMachine } from './example-machine.ts';
import { freePort } from './sandbox.ts';

const perRunMs = 60_000;

let machine: ExampleMachine;

beforeAll(async () => {
  machine = await ExampleMachine.for('shop');
});

afterAll(() => {
  machine.remove();
});

describe('the shop example, started wrongly', () => {
  it.each(['port', 'service-port'])(
    'names a busy --%s and the option that changes it, without a stack',
    async (option) => {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
      const address = taken.address();
      const port = typeof address === 'object' ? String(address?.port) : '';
      const { status, errors } = await machine.run(`--${option}`, port);
      await new Promise((resolve) => taken.close(resolve));
      expect([status, errors]).toEqual([1, expect.stringContaining(`127.0.0.1:${port} is in use`)]);
      expect(errors).toContain(`npm start -- --${option} N`);
      expect(errors).not.toMatch(/^ +at /m);
    },
  );

  it('lists its options for --help, and for what is none', async () => {
    const help = await machine.run('--help');
    expect([help.status, help.output]).toEqual([0, expect.stringContaining('--service-port N')]);
    const unknown = await machine.run('--prot', '1');
    expect([unknown.status, unknown.errors]).toEqual([2, expect.stringContaining('--service-port N')]);
    expect((await machine.run('--port', '99999')).errors).toBe('--port takes a port from 1 to 65535\n');
    expect((await machine.run('--port', '7999', '--service-port', '7999')).errors).toMatch(/take different ports/);
  });
});

describe('the shop example, left running', () => {
  it(
    'prints the command of this clone, never one of a registry, and is not disturbed by a second start',
    async () => {
      const child = machine.start();
      let output = '';
      const isReady = new Promise<void>((resolve) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (output.includes('Stop with Ctrl-C.')) resolve();
        });
      });
      const isOver = new Promise((resolve) => child.once('close', resolve));
      await Promise.race([isReady, isOver]);
      const config = join(machine.folder, 'data/sallyport.yaml');
      const before = readFileSync(config, 'utf8');
      const other = ['--port', String(await freePort()), '--service-port', String(await freePort())];
      const second = await machine.run(...other);
      expect([second.status, second.errors]).toEqual([
        1,
        expect.stringMatching(/runs already, as process \d+ on http/),
      ]);
      expect(readFileSync(config, 'utf8')).toBe(before);
      child.kill('SIGTERM');
      await isOver;
      const command = /^ +(\S+) status /m.exec(output)?.[1] ?? '';
      expect(realpathSync(join(process.cwd(), command))).toMatch(/packages\/sallyport\/bin\/sallyport\.js$/);
      expect(output).not.toContain('npx');
    },
    perRunMs,
  );
});
