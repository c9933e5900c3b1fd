// Contract: under a service manager that hands the key over, the first start makes the vault and later starts open it.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

const unit = readFileSync(new URL('../examples/systemd/sallyport.service', import.meta.url), 'utf8');

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await Sandbox.create();
}, 60_000);

afterAll(async () => {
  await sandbox.close();
});

function handedOver(name: string): Record<string, string> {
  const folder = join(sandbox.folder, name);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'sallyport-key'), randomBytes(32), { mode: 0o400 });
  return sandbox.environment({ CREDENTIALS_DIRECTORY: folder });
}

describe('examples/systemd', () => {
  it('names the key as the server looks for it, and starts what the command line has', () => {
    expect(unit).toContain('LoadCredential=sallyport-key:');
    expect(unit).toMatch(/^ExecStart=\/usr\/local\/bin\/sallyport up --config \S+ --state \S+$/m);
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    expect(unit).toContain('LimitCORE=0');
  });

  it('starts without a person, again after a stop, and not with another key', async () => {
    const env = handedOver('credentials');
    const first = await sandbox.up({ env });
    expect(await sandbox.json(['status'])).toMatchObject({ unlockSource: 'handed-file' });
    expect(await first.stop()).toBe(0);
    const second = await sandbox.up({ env });
    expect(await second.stop()).toBe(0);
    await expect(sandbox.up({ env: handedOver('others') })).rejects.toThrow('UNLOCK_FAILED');
  });
});
