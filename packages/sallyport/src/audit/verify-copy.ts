// Verifies a copy of the log with nothing but the public key: no store, no vault, no server, no package besides.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCheckpoint, checkpointSize } from './check-checkpoint.ts';
import { LogWalk } from './log-walk.ts';
import { entriesPath, tileWidth } from './tile-paths.ts';
import type { AuditVerification } from './verify-audit.ts';

/** What is verified, and who is trusted. */
export interface CopyToVerify {
  readonly folder: string;
  /** The public key, as `sallyport audit key` prints it. */
  readonly key: string;
  /** A checkpoint that was kept elsewhere, as text: the copy must reach it and agree with it. */
  readonly trustedCheckpoint: string | null;
}

// No call lasts that long: its deadline is at most 5 minutes, and a stop waits 10 seconds.
const longestCallMs = 10 * 60_000;

/** Verifies every leaf of the copy, its checkpoint, and that every call has both records. Never throws for what the copy holds. */
export async function verifyCopy({ folder, key, trustedCheckpoint }: CopyToVerify): Promise<AuditVerification> {
  const note = (await read(folder, 'checkpoint'))?.toString('utf8') ?? '';
  const size = Math.max(0, checkpointSize(note));
  const walk = new LogWalk([size, checkpointSize(trustedCheckpoint ?? '')]);
  const calls = new Set<string>();
  for (let index = 0; index * tileWidth < size; index += 1) {
    const width = Math.min(tileWidth, size - index * tileWidth);
    const leaves = decodeBundle((await read(folder, entriesPath(index, width))) ?? Buffer.alloc(0));
    if (leaves.length !== width) walk.problem(index * tileWidth + leaves.length, 'leaves are missing from here on');
    for (const leaf of leaves.slice(0, width)) takeLeaf(walk, calls, leaf);
    if (leaves.length < width) break;
  }
  checkCheckpoint(walk, note, key);
  if (trustedCheckpoint !== null) checkCheckpoint(walk, trustedCheckpoint, key);
  const lost = [...walk.unended.values()].filter(({ at }) => walk.lastAt - at > longestCallMs);
  for (const { leaf } of lost) walk.problem(leaf, 'an intent without an outcome');
  const open = walk.unended.size - lost.length;
  const { intents, outcomes, refused, problems, tree } = walk;
  const root = Buffer.from(tree.root()).toString('hex');
  return { ok: problems.length === 0, size: tree.size, root, intents, open, outcomes, refused, problems };
}

function takeLeaf(walk: LogWalk, calls: Set<string>, bytes: Uint8Array): void {
  const { stored } = walk.leaf(walk.next, bytes);
  if (stored?.entry.kind !== 'call.intent') return;
  if (calls.has(stored.entry.call)) walk.problem(stored.leaf, 'a second record of the same kind for a call');
  calls.add(stored.entry.call);
}

function decodeBundle(bundle: Buffer): readonly Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at + 2 <= bundle.length; ) {
    const length = bundle.readUInt16BE(at);
    if (at + 2 + length > bundle.length) break;
    leaves.push(bundle.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return leaves;
}

async function read(folder: string, path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(folder, path));
  } catch {
    return undefined;
  }
}
