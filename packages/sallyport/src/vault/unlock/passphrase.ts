// Unlocks with a passphrase that a person types; argon2id makes each guess expensive, on a thread of the pool.
import { argon2 } from 'node:crypto';
import { estimateBits } from '../../domain/entropy.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { Random } from '../../domain/random.ts';
import type { Secret } from '../../domain/secret.ts';
import { keyBytes } from '../sealed-box.ts';
import { type UnlockSource, unwrapRoot, wrapRoot } from './unlock-source.ts';

/** The cost of one guess; stored beside the wrapped root key. */
interface PassphraseParameters {
  readonly algorithm: 'argon2id';
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
  /** Base64url. */
  readonly salt: string;
}

// RFC 9106 §4, second recommended option: 64 MiB, 3 passes, 4 lanes.
const cost = { algorithm: 'argon2id', memoryKib: 65_536, passes: 3, lanes: 4 } as const;
const saltBytes = 16;
const minimumCharacters = 12;
// Argon2id adds about 17 bits of work to each guess, so less than a credential's 48 bits will do.
const minimumPassphraseBits = 40;
// A stored cost beyond these bounds was not written here, and would only exhaust the machine.
const bounds = { memoryKib: [65_536, 1_048_576], passes: [3, 16], lanes: [1, 16] } as const;

/**
 * The source for a passphrase; `wrap` refuses one that is easy to guess.
 * @throws SallyportError ADMIN_INPUT (from `wrap`), UNLOCK_FAILED (from `unwrap`)
 */
export function passphraseSource(passphrase: Secret, random: Random): UnlockSource {
  return {
    kind: 'passphrase',
    async wrap(root, context) {
      requireStrength(passphrase);
      const parameters: PassphraseParameters = { ...cost, salt: random.bytes(saltBytes).toString('base64url') };
      const key = await stretch(passphrase, parameters);
      return wrapRoot({ kind: 'passphrase', parameters: JSON.stringify(parameters), key, random }, root, context);
    },
    async unwrap(wrapped, context) {
      const key = await stretch(passphrase, parseParameters(wrapped.parameters));
      const advice = 'the passphrase does not open this vault; check it and try again';
      return unwrapRoot({ key, random, advice }, wrapped, context);
    },
  };
}

// The same passphrase typed on another machine may come in another Unicode form.
function stretch(passphrase: Secret, parameters: PassphraseParameters): Promise<Buffer> {
  const message = Buffer.from(passphrase.reveal().normalize('NFC'), 'utf8');
  const { memoryKib: memory, passes, lanes: parallelism } = parameters;
  const nonce = Buffer.from(parameters.salt, 'base64url');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, parallelism, tagLength: keyBytes, memory, passes }, (error, key) => {
      message.fill(0);
      if (error === null) resolve(key);
      else reject(new SallyportError('UNLOCK_FAILED', 'the passphrase could not be processed', { cause: error }));
    });
  });
}

/** Refuses a passphrase that is easy to guess. @throws SallyportError ADMIN_INPUT */
export function requireStrength(passphrase: Secret): void {
  const text = passphrase.reveal();
  if (text.length < minimumCharacters)
    throw new SallyportError(
      'ADMIN_INPUT',
      `a passphrase has ${minimumCharacters} characters or more; take five words`,
    );
  if (estimateBits(text) < minimumPassphraseBits)
    throw new SallyportError(
      'ADMIN_INPUT',
      'this passphrase is made of common words or patterns and is easy to guess; take five unrelated words',
    );
}

function parseParameters(text: string): PassphraseParameters {
  const { algorithm, memoryKib, passes, lanes, salt } = parseObject(text);
  if (
    algorithm === 'argon2id' &&
    isWithin(memoryKib, bounds.memoryKib) &&
    isWithin(passes, bounds.passes) &&
    isWithin(lanes, bounds.lanes) &&
    typeof salt === 'string' &&
    Buffer.from(salt, 'base64url').length === saltBytes
  )
    return { algorithm, memoryKib, passes, lanes, salt };
  throw new SallyportError('UNLOCK_FAILED', 'the stored passphrase parameters were altered; restore the state');
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isWithin(value: unknown, [least, most]: readonly [number, number]): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
