// A vault over a real store with the real audit, and permits as the pipeline gets them.
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { createAuditLog } from '../../src/audit/record.ts';
import type { CallIntent } from '../../src/domain/audit-entry.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { CredentialTarget, DeclaredCredential } from '../../src/domain/credential.ts';
import type { CredentialId } from '../../src/domain/credential-id.ts';
import { SallyportError } from '../../src/domain/errors.ts';
import { Secret, type SecretFields } from '../../src/domain/secret.ts';
import type { Store } from '../../src/store/store.ts';
import { createVault } from '../../src/vault/create-vault.ts';
import { createRootKey, hasRootKey, openRootKey } from '../../src/vault/open-root-key.ts';
import { type CallPermit, callPermit, matchTablePermit } from '../../src/vault/permit.ts';
import { handedFileSource } from '../../src/vault/unlock/handed-file.ts';
import { openStore, stateFolder } from '../store/state-folder.ts';

export const random = { bytes: (count: number) => randomBytes(count) };
export const startMs = Date.UTC(2026, 0, 15);
export const dayMs = 86_400_000;
export const value = 'sk_live_51HqLyjWDarjtT1zdp7dcXYZ';

export interface TestClock extends Clock {
  set(nowMs: number): void;
}

export function testClock(nowMs = startMs): TestClock {
  let now = nowMs;
  return {
    nowMs: () => now,
    monotonicMs: () => now,
    set(next) {
      now = next;
    },
  };
}

/** A vault with all that belongs to it; opening the same folder again gives what a restart gives. */
export async function openVault(folder: string = stateFolder(), clock: TestClock = testClock()) {
  const keyFile = join(folder, 'handed');
  writeFileSync(keyFile, createHash('sha256').update(folder).digest(), { mode: 0o600 });
  const source = handedFileSource({ directory: folder, name: 'handed' }, random);
  const store = await openStore(folder);
  const isNew = !(await hasRootKey(store));
  const rootKey = isNew
    ? await createRootKey({ store, source, random, clock })
    : await openRootKey({ store, sources: [source], random });
  const audit = createAuditLog({ store, detailsKey: rootKey.derive('audit-details'), random });
  const vault = await createVault({ rootKey, store, audit, clock, random });
  onTestFinished(() => vault.close());
  const permitFor = async (credential: string, version = 1): Promise<CallPermit> => {
    const permit = callPermit(await audit.record(intent(credential, version)));
    if (permit === null) throw new Error('no permit');
    return permit;
  };
  const matchPermit = async () =>
    matchTablePermit(await audit.record({ kind: 'vault.match-tables', at: startMs, subject: 'vault', facts: {} }));
  return { folder, store, rootKey, audit, vault, clock, source, permitFor, matchPermit };
}

/** Changes the database while nobody has it open, as one who can write the file does. */
export async function tamper(folder: string, store: Store, sql: string): Promise<void> {
  await store.close();
  const database = new DatabaseSync(join(folder, 'state.db'));
  database.exec('pragma foreign_keys = off');
  database.exec(sql);
  database.close();
}

export function declared(id: string, changes: Partial<CredentialTarget> = {}): DeclaredCredential {
  const credential = id as CredentialId;
  const kind = changes.kind ?? 'token';
  const place = {
    use: 'call',
    scheme: 'https',
    host: 'api.example',
    port: 443,
    place: 'bearer',
    trust: 'system',
  } as const;
  const target: CredentialTarget = { credential, kind, ...place, ...changes };
  return { definition: { id: credential, kind, maxLifetimeMs: 7 * dayMs }, target };
}

export function token(text: string = value): SecretFields {
  return { token: { secret: true, value: new Secret(text) } };
}

export function intent(credential: string | null, credentialVersion: number | null): CallIntent {
  const caller = { at: startMs, call: 'c1', door: 'tools-api', agent: 'bot', session: 's1' } as const;
  const decided = {
    operation: 'o',
    operationDigest: '0',
    configDigest: '0',
    effect: 'read',
    decision: 'allow',
    approval: null,
  } as const;
  const request = { rule: 'r', service: 's', request: 'GET /', inputBytes: 2 } as const;
  return { kind: 'call.intent', ...caller, ...decided, ...request, credential, credentialVersion };
}

export const strong = { acceptWeak: false };
export const other = 'glpat-Zx81QmVb20LpRt77KsWd';

export async function withCredential() {
  const opened = await openVault();
  await opened.vault.add(declared('shop'), token(), strong);
  return opened;
}

export function reveal(fields: SecretFields): string | undefined {
  const field = fields['token'];
  return field !== undefined && field.secret ? field.value.reveal() : undefined;
}

export function code(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof SallyportError ? error.code : String(error);
  }
  return undefined;
}
