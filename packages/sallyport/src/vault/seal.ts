// Seals one version of a credential: a key of its own, used for exactly one message, bound to everything that decides its use (I7).

import type { CredentialTarget } from '../domain/credential.ts';
import { credentialFields } from '../domain/credential.ts';
import type { Random } from '../domain/random.ts';
import { Secret, type SecretField, type SecretFields } from '../domain/secret.ts';
import { lengthPrefixed } from './length-prefixed.ts';
import { type BoxKey, boxKey, joinBox, keyBytes, splitBox } from './sealed-box.ts';

/** What a version is bound to; another value of any of these does not open it. */
export interface VersionContext {
  readonly storeId: string;
  readonly version: number;
  readonly kekEpoch: number;
  readonly createdAtMs: number;
  readonly isWeak: boolean;
  readonly blindIndex: string;
  readonly target: CredentialTarget;
}

/** What is stored of a sealed version. */
export interface SealedVersion {
  /** The version's key, wrapped by the key of its epoch, with the commitment of that wrapping. */
  readonly wrappedKey: Uint8Array;
  readonly sealed: Uint8Array;
  readonly commitment: Uint8Array;
}

const format = '1';
// The file must not tell how long a value is to the byte.
const paddedToBytes = 128;

/** Seals the fields of a version under a fresh key, and that key under the key of the epoch. */
export function sealVersion(
  epochKey: BoxKey,
  fields: SecretFields,
  { context, random }: { readonly context: VersionContext; readonly random: Random },
): SealedVersion {
  const key = random.bytes(keyBytes);
  const plain = encodeFields(fields);
  const box = boxKey(key, random);
  try {
    const wrappedKey = joinBox(epochKey.seal(key, boundBytes('key', context)));
    return { wrappedKey, ...box.seal(plain, boundBytes('fields', context)) };
  } finally {
    key.fill(0);
    plain.fill(0);
    box.close();
  }
}

/** The fields of a version, or null when anything of it is not as it was sealed. */
export function openVersion(
  epochKey: BoxKey,
  stored: SealedVersion,
  { context, random }: { readonly context: VersionContext; readonly random: Random },
): SecretFields | null {
  const key = epochKey.open(splitBox(stored.wrappedKey), boundBytes('key', context));
  if (key === null) return null;
  const box = boxKey(key, random);
  key.fill(0);
  const plain = box.open(stored, boundBytes('fields', context));
  box.close();
  if (plain === null) return null;
  const fields = decodeFields(plain, context.target);
  plain.fill(0);
  return fields;
}

function boundBytes(part: 'key' | 'fields', context: VersionContext): Buffer {
  const { storeId, version, kekEpoch, createdAtMs, isWeak, blindIndex, target } = context;
  const { credential, kind, use, scheme, host, port, place, trust } = target;
  return lengthPrefixed([
    'credential-version',
    part,
    format,
    storeId,
    credential,
    String(version),
    kind,
    String(kekEpoch),
    String(createdAtMs),
    use,
    scheme,
    host,
    String(port),
    place,
    trust,
    isWeak ? 'weak' : 'strong',
    blindIndex,
  ]);
}

function encodeFields(fields: SecretFields): Buffer {
  const values = Object.entries(fields).map(([name, field]) => [
    name,
    field.secret ? field.value.reveal() : field.value,
  ]);
  const text = Buffer.from(JSON.stringify(Object.fromEntries(values)), 'utf8');
  const padded = Buffer.alloc(Math.ceil(text.length / paddedToBytes) * paddedToBytes, ' ');
  text.copy(padded);
  text.fill(0);
  return padded;
}

// What the tag vouches for was written by encodeFields; a value that is missing all the same is none.
function decodeFields(plain: Buffer, { kind }: CredentialTarget): SecretFields | null {
  const parsed: unknown = JSON.parse(plain.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null) return null;
  const values: Readonly<Record<string, unknown>> = { ...parsed };
  const fields: Record<string, SecretField> = {};
  for (const [name, { secret }] of Object.entries(credentialFields[kind])) {
    const value = values[name];
    if (typeof value !== 'string') return null;
    fields[name] = secret ? { secret, value: new Secret(value) } : { secret, value };
  }
  return Object.freeze(fields);
}
