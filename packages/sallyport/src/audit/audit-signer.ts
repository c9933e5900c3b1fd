// The key that signs checkpoints. A new one enters by a leaf that the old one signs as well, so that trust in one is trust in its followers.
import type { Clock } from '../domain/clock.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Random } from '../domain/random.ts';
import { query, statement } from '../store/query.ts';
import type { Statement, Store } from '../store/store.ts';
import type { AuditLog } from './audit-log.ts';
import { type NoteSigner, type NoteVerifier, noteSigner, noteVerifier } from './signed-note.ts';

/** Keeps private seeds wrapped; the root key fits. */
export interface SeedKeeper {
  wrap(plain: Buffer, context: Buffer): Buffer;
  unwrap(wrapped: Buffer, context: Buffer): Buffer;
}

/** What signers are made with. */
export interface SignerDependencies {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly seeds: SeedKeeper;
  readonly clock: Clock;
  readonly random: Random;
  /** Id of the store: the log's origin is `sallyport/<id>`. */
  readonly storeId: string;
}

const seedBytes = 32;

/**
 * The current signer; the first one is made, and enters the log, when there is none.
 * @throws SallyportError VAULT_TAMPERED (the wrapped seed was altered), AUDIT_UNAVAILABLE
 */
export async function openSigner(dependencies: SignerDependencies): Promise<NoteSigner> {
  const stored = query.selectFrom('audit_signer').selectAll().where('state', '=', 'current').compile();
  const [row] = await dependencies.store.read(stored);
  if (row === undefined) return await addSigner(dependencies, null);
  const seed = dependencies.seeds.unwrap(Buffer.from(row.wrapped), seedContext(row.key));
  const signer = noteSigner(originOf(dependencies), seed);
  seed.fill(0);
  if (signer.verifier.text === row.key) return signer;
  throw new SallyportError('VAULT_TAMPERED', 'the key that signs the audit was altered; restore the state');
}

/** Puts a new signer in the place of the current one; the leaf by which it enters is signed by both. */
export async function replaceSigner(dependencies: SignerDependencies): Promise<NoteSigner> {
  return await addSigner(dependencies, await openSigner(dependencies));
}

/** The text that both keys sign when one follows the other. */
export function successionText(key: string, previous: string | null): string {
  return `sallyport audit signer\n${key}\n${previous ?? 'the first'}\n`;
}

/** A key that entered the log, and what vouches for it. */
export interface Succession {
  readonly key: string;
  readonly previous: string | null;
  readonly signature: string;
  readonly previousSignature: string | null;
}

/** The verifier of a key that `trusted` vouches for; undefined when a signature does not fit. */
export function verifySuccession(succession: Succession, trusted: NoteVerifier): NoteVerifier | undefined {
  const { key, previous, signature, previousSignature } = succession;
  const verifier = noteVerifier(key);
  if (verifier === undefined || previous !== trusted.text || previousSignature === null) return undefined;
  const text = Buffer.from(successionText(key, previous));
  const isVouchedFor = trusted.verifiesBytes(text, Buffer.from(previousSignature, 'base64'));
  return isVouchedFor && verifier.verifiesBytes(text, Buffer.from(signature, 'base64')) ? verifier : undefined;
}

async function addSigner(dependencies: SignerDependencies, previous: NoteSigner | null): Promise<NoteSigner> {
  const { audit, seeds, clock, random } = dependencies;
  const seed = random.bytes(seedBytes);
  const signer = noteSigner(originOf(dependencies), seed);
  const key = signer.verifier.text;
  const text = Buffer.from(successionText(key, previous?.verifier.text ?? null));
  const facts = {
    key,
    previous: previous?.verifier.text ?? null,
    signature: signer.signBytes(text).toString('base64'),
    previousSignature: previous?.signBytes(text).toString('base64') ?? null,
  };
  const nowMs = clock.nowMs();
  const wrapped = seeds.wrap(seed, seedContext(key));
  seed.fill(0);
  const values = { key, wrapped, created_at: nowMs, state: 'current' as const };
  const insert = statement(query.insertInto('audit_signer').values(values).compile(), { expectRows: 1 });
  const statements = [...(previous === null ? [] : [retire(previous.verifier.text)]), insert];
  await audit.record({ kind: 'audit.signer-added', at: nowMs, subject: 'audit', facts }, { statements });
  return signer;
}

function retire(key: string): Statement {
  const compiled = query.updateTable('audit_signer').set({ state: 'retired' }).where('key', '=', key).compile();
  return statement(compiled, { expectRows: 1 });
}

function seedContext(key: string): Buffer {
  return Buffer.from(`audit-signer\n${key}`);
}

function originOf({ storeId }: SignerDependencies): string {
  return `sallyport/${storeId}`;
}
