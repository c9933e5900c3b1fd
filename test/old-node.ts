// An outdated Node, where the machine has one: what has to hand over to a newer runtime is tried under it.
import { spawnSync } from 'node:child_process';

/** Path of a Node from 12 to 23; undefined where there is none. */
export function oldNode(): string | undefined {
  return ['/usr/local/bin/node', '/usr/bin/node'].find((candidate) => {
    const version = spawnSync(candidate, ['--version'], { encoding: 'utf8' }).stdout;
    return typeof version === 'string' && /^v(1[2-9]|2[0-3])\./.test(version);
  });
}
