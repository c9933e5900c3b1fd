// Doctor looks at every file that only this user may open, both sockets among them.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkFiles } from '../../../src/app/doctor/check-files.ts';
import { statePaths } from '../../../src/launch/state-paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it.each(['operator.sock', 'agent.sock', 'state.db'])('finds that others may open %s', (name) => {
  const paths = statePaths({ environment: {}, homeFolder: folder, name: undefined, state: folder });
  writeFileSync(join(folder, name), '');
  chmodSync(join(folder, name), 0o600);
  expect(checkFiles(paths, join(folder, 'none.yaml'))).toContainEqual({
    check: 'files',
    state: 'ok',
    what: `${join(folder, name)} is closed to others`,
    remedy: null,
  });
  chmodSync(join(folder, name), 0o666);
  const failed = checkFiles(paths, join(folder, 'none.yaml')).filter(({ state }) => state === 'fail');
  expect(failed).toMatchObject([{ what: `others may open ${join(folder, name)}` }]);
});
