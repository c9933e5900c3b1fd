// An unlock source wraps the one root key: changing it never touches a credential.
import { SallyportError } from '../../domain/errors.ts';
import type { Random } from '../../domain/random.ts';
import { lengthPrefixed } from '../length-prefixed.ts';
import { boxKey, keyBytes } from '../sealed-box.ts';

/** The kinds of unlock source. */
export type UnlockSourceKind = 'passphrase' | 'key-file' | 'handed-file';

/** The root key as one source has wrapped it; nothing of it is secret without the source. */
export interface WrappedRoot {
  readonly source: string;
  /** JSON text of what the source needs besides its secret. */
  readonly parameters: string;
  readonly wrapped: Uint8Array;
  readonly commitment: Uint8Array;
}

/** What a person or a machine holds to open the vault. */
export interface UnlockSource {
  readonly kind: UnlockSourceKind;
  /** Wraps the root key, bound to `context`. */
  wrap(root: Buffer, context: Buffer): Promise<WrappedRoot>;
  /**
   * The root key again.
   * @throws SallyportError UNLOCK_FAILED, STATE_UNSAFE (a file that others can read or replace)
   */
  unwrap(wrapped: WrappedRoot, context: Buffer): Promise<Buffer>;
}

/** The key of a source, and what it stores beside the wrapped root. */
export interface WrappingKey {
  readonly kind: UnlockSourceKind;
  readonly parameters: string;
  readonly key: Buffer;
  readonly random: Random;
}

/** Wraps the root key under the key of a source, which is overwritten afterwards. */
export function wrapRoot(wrapping: WrappingKey, root: Buffer, context: Buffer): WrappedRoot {
  const box = boxKey(wrapping.key, wrapping.random);
  wrapping.key.fill(0);
  const { sealed, commitment } = box.seal(root, boundTo(context, wrapping.kind, wrapping.parameters));
  box.close();
  return { source: wrapping.kind, parameters: wrapping.parameters, wrapped: sealed, commitment };
}

/** What unwrapping needs besides the wrapped root. */
export interface UnwrappingKey {
  readonly key: Buffer;
  readonly random: Random;
  /** What to do when the key is the wrong one. */
  readonly advice: string;
}

/**
 * The root key; the key of the source is overwritten afterwards.
 * @throws SallyportError UNLOCK_FAILED
 */
export function unwrapRoot(unwrapping: UnwrappingKey, stored: WrappedRoot, context: Buffer): Buffer {
  const box = boxKey(unwrapping.key, unwrapping.random);
  unwrapping.key.fill(0);
  const { source, parameters, wrapped, commitment } = stored;
  const root = box.open({ sealed: wrapped, commitment }, boundTo(context, source, parameters));
  box.close();
  if (root?.length !== keyBytes) throw new SallyportError('UNLOCK_FAILED', unwrapping.advice);
  return root;
}

function boundTo(context: Buffer, kind: string, parameters: string): Buffer {
  return lengthPrefixed(['root', context, kind, parameters]);
}
