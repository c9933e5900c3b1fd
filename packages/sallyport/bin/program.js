// Chooses what runs: the bundled program, or the compiled one where there is no bundle or it is older. The syntax is that of
// Node 12.20, as in the launcher.
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = new URL('../dist/', import.meta.url);

/** The URL of a program: its name in the bundle, and where the compiler put it. */
export function programUrl(bundled, compiled) {
  const url = new URL(`bundle/${bundled}`, dist);
  return isCurrent(fileURLToPath(url)) ? url : new URL(compiled, dist);
}

// The compiler's own record lies in a workspace only, and changes whenever the compiler wrote something.
function isCurrent(file) {
  const record = fileURLToPath(new URL('.tsbuildinfo', dist));
  return existsSync(file) && !(existsSync(record) && statSync(record).mtimeMs > statSync(file).mtimeMs);
}
