// Compares a signed checkpoint with what a walk over the log came to.
import { parseCheckpoint } from './checkpoint.ts';
import type { LogWalk } from './log-walk.ts';
import { parseNote } from './signed-note.ts';

/** The size that a note's checkpoint is about; -1 when it is none. */
export function checkpointSize(note: string): number {
  const parsed = parseNote(note);
  return (parsed === undefined ? undefined : parseCheckpoint(parsed))?.size ?? -1;
}

/** Reports what does not fit: signature, origin, size, root. `trustedKey` is the key that the reader believes, or a forerunner of the signer's. */
export function checkCheckpoint(walk: LogWalk, note: string, trustedKey: string): void {
  const parsed = parseNote(note);
  const checkpoint = parsed === undefined ? undefined : parseCheckpoint(parsed);
  if (parsed === undefined || checkpoint === undefined) {
    walk.problem(null, 'the checkpoint cannot be read');
    return;
  }
  const from = walk.signers.findIndex((signer) => signer.text === trustedKey);
  if (from < 0) {
    walk.problem(null, 'the log was never signed by the key that you trust');
    return;
  }
  const signer = walk.signers.slice(from).find((each) => each.verifies(parsed));
  if (signer === undefined || signer.name !== checkpoint.origin) {
    walk.problem(null, 'the checkpoint is not signed by the key that you trust, or by one that follows it');
    return;
  }
  const root = walk.rootAt(checkpoint.size);
  if (root === undefined) walk.problem(walk.next, 'the log is shorter than its checkpoint: its end was cut off');
  else if (Buffer.compare(root, checkpoint.root) !== 0) {
    walk.problem(null, 'the log is not what its checkpoint was signed for');
  }
}
