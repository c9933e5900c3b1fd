// A checkpoint says what the tree was at one size, in the form that C2SP gives it (c2sp.org/tlog-checkpoint v1.0.0).
import type { SignedNote } from './signed-note.ts';

/** What a checkpoint commits to. */
export interface Checkpoint {
  /** Which log this is. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

const rootBytes = 32;

/** The text that is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
}

/** The checkpoint in a note; undefined when its text is none. Extension lines are not known here, and not accepted. */
export function parseCheckpoint({ text }: SignedNote): Checkpoint | undefined {
  const match = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n$/.exec(text);
  if (match === null) return undefined;
  const root = Buffer.from(match[3] ?? '', 'base64');
  const size = Number(match[2]);
  return root.length === rootBytes && Number.isSafeInteger(size) ? { origin: match[1] ?? '', size, root } : undefined;
}
