// What can be proved to an outsider: signed checkpoints, leaves to copy, and the erasure of details that leaves the proof whole.
import type { Clock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import { query } from '../store/query.ts';
import type { Store } from '../store/store.ts';
import type { AuditLog } from './audit-log.ts';
import { openSigner, replaceSigner, type SignerDependencies } from './audit-signer.ts';
import { type CheckpointPublisher, createCheckpointPublisher, newestCheckpoint } from './publish-checkpoint.ts';
import { eraseDetails } from './read-audit.ts';

/** Evidence of one log. */
export interface Evidence {
  /** The public key that signs now, as the text of a C2SP verifier. */
  key(): string;
  /** Puts a new key in its place; gives the new one. @throws SallyportError AUDIT_UNAVAILABLE */
  renewKey(): Promise<string>;
  /** Signs what the tree is now. */
  checkpoint(): Promise<{ readonly note: string; readonly size: number }>;
  /** Up to 1,000 leaves from an index on. */
  leaves(from: number): Promise<readonly Uint8Array[]>;
  /** Erases the details of a record for good. @throws SallyportError ADMIN_INPUT when it has none */
  erase(leaf: number): Promise<void>;
}

const pageRows = 1000;

/** Opens the signer, and makes the first one when there is none. */
export async function openEvidence(dependencies: SignerDependencies): Promise<Evidence> {
  const { store, audit, clock } = dependencies;
  let signer = await openSigner(dependencies);
  const publisher: CheckpointPublisher = createCheckpointPublisher({ store, signer, clock });
  return {
    key: () => signer.verifier.text,
    async renewKey() {
      signer = await replaceSigner(dependencies);
      publisher.use(signer);
      return signer.verifier.text;
    },
    async checkpoint() {
      const note = await publisher.publish();
      return { note, size: (await newestCheckpoint(store))?.size ?? 0 };
    },
    leaves: (from) => readLeaves(store, from),
    erase: (leaf) => eraseRecord({ store, audit, clock }, leaf),
  };
}

async function readLeaves(store: Store, from: number): Promise<readonly Uint8Array[]> {
  const page = query.selectFrom('audit_leaf').select('leaf').where('seq', '>=', from).orderBy('seq').limit(pageRows);
  return (await store.read(page.compile())).map(({ leaf }) => leaf);
}

interface ErasureParts {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

async function eraseRecord({ store, audit, clock }: ErasureParts, leaf: number): Promise<void> {
  const details = query.selectFrom('audit_detail').select('record_key').where('seq', '=', leaf).compile();
  const [row] = await store.read(details);
  if (row === undefined || row.record_key === null) {
    throw new SallyportError('ADMIN_INPUT', 'this record has no details, or they are erased already');
  }
  const entry = {
    kind: 'audit.details-erased',
    at: clock.nowMs(),
    subject: String(leaf),
    facts: { record: leaf },
  } as const;
  await audit.record(entry, { statements: [eraseDetails(leaf)], erases: true });
}
