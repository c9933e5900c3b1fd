// What a server's environment holds beyond what was allowed: settings of its allocator, and those are ours.
import { expect, it } from 'vitest';
import { allowedEnvironment, serverEnvironment } from '../../bin/environment.js';

const planted = {
  PATH: '/bin',
  MALLOC_TRIM_THRESHOLD_: '0',
  MALLOC_PERTURB_: '7',
  GLIBC_TUNABLES: 'glibc.malloc.check=3',
};

it('A07: no setting of the allocator is inherited', () => {
  expect(allowedEnvironment(planted, 'linux')).toEqual({ PATH: '/bin' });
  const given = serverEnvironment(planted, 'linux');
  expect(given).toHaveProperty('MALLOC_TRIM_THRESHOLD_', String(64 * 1024 * 1024));
  expect(given).not.toHaveProperty('MALLOC_PERTURB_');
  expect(given).not.toHaveProperty('GLIBC_TUNABLES');
});

it('is the allowed part alone where the allocator is another one', () => {
  expect(serverEnvironment(planted, 'darwin')).toEqual({ PATH: '/bin' });
});
