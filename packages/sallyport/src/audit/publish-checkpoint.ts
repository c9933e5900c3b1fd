// Signs what the tree is now, so that a log that is rewritten later does not fit what was said before.
import type { Clock } from '../domain/clock.ts';
import { query, statement } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import { checkpointText } from './checkpoint.ts';
import type { NoteSigner } from './signed-note.ts';

/** Signs checkpoints of one log. */
export interface CheckpointPublisher {
  /** Signs the head when the tree has grown since the last time; gives the newest signed note. @throws SallyportError STORE_FAILED */
  publish(): Promise<string>;
  /** Signs with another key from now on. */
  use(signer: NoteSigner): void;
}

/** What publishing needs. */
export interface PublisherDependencies {
  readonly store: Store;
  readonly signer: NoteSigner;
  readonly clock: Clock;
}

/** A publisher; nothing is signed until `publish` is called. */
export function createCheckpointPublisher({ store, signer, clock }: PublisherDependencies): CheckpointPublisher {
  let current = signer;
  return {
    use(fresh) {
      current = fresh;
    },
    async publish() {
      const [head] = await store.read(query.selectFrom('audit_head').select(['size', 'root']).compile());
      const newest = await newestCheckpoint(store);
      if (head === undefined || head.size === newest?.size) return newest?.note ?? '';
      const text = checkpointText({ origin: current.verifier.name, size: head.size, root: head.root });
      const note = current.sign(text);
      const values = { size: head.size, note, created_at: clock.nowMs() };
      const insert = query
        .insertInto('audit_checkpoint')
        .values({ id: 1, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .compile();
      await store.write({ statements: [statement(insert, { expectRows: 1 })], leaves: [] });
      return note;
    },
  };
}

/** The newest checkpoint that was signed; undefined when none was. */
export async function newestCheckpoint(
  store: Store,
): Promise<{ readonly size: number; readonly note: string } | undefined> {
  const [row] = await store.read(query.selectFrom('audit_checkpoint').select(['size', 'note']).compile());
  return row;
}
