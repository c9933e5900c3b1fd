// Signed notes as C2SP defines them (c2sp.org/signed-note v1.0.0): text, an empty line, and one line for each signature.
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

/** A key that verifies notes. */
export interface NoteVerifier {
  /** Name of the signer: no spaces, no plus sign. */
  readonly name: string;
  /** The key as text: `name+hex key id+base64 of the algorithm and the key`. */
  readonly text: string;
  /** Whether one of the note's signatures is this key's and fits. */
  verifies(note: SignedNote): boolean;
  /** Whether a signature over other bytes is this key's. */
  verifiesBytes(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** A key that signs notes. */
export interface NoteSigner {
  readonly verifier: NoteVerifier;
  /** The note with its signature line. */
  sign(text: string): string;
  signBytes(bytes: Uint8Array): Buffer;
}

/** A note taken apart; nothing of it is verified yet. */
export interface SignedNote {
  /** What was signed, with its last line end. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly bytes: Buffer }[];
}

// c2sp.org/signed-note, "Signature types": 0x01 is Ed25519 over the text.
const ed25519 = 0x01;
const keyIdBytes = 4;
const rawKeyBytes = 32;
// RFC 8410 §4 and §7: the fixed DER before a raw Ed25519 public key, and before a private one.
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The signer of a 32-byte Ed25519 seed. */
export function noteSigner(name: string, seed: Uint8Array): NoteSigner {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
  const verifier = rawVerifier(name, raw);
  const signBytes = (bytes: Uint8Array): Buffer => sign(null, bytes, key);
  return {
    verifier,
    signBytes,
    sign(text) {
      const signature = Buffer.concat([keyId(name, raw), signBytes(Buffer.from(text))]);
      return `${text}\n— ${name} ${signature.toString('base64')}\n`;
    },
  };
}

/** The verifier of a key's text; undefined when it is none. */
export function noteVerifier(text: string): NoteVerifier | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text);
  const name = match?.[1] ?? '';
  const key = Buffer.from(match?.[3] ?? '', 'base64');
  if (key.length !== 1 + rawKeyBytes || key[0] !== ed25519) return undefined;
  const raw = key.subarray(1);
  return keyId(name, raw).toString('hex') === match?.[2] ? rawVerifier(name, raw) : undefined;
}

/** Takes a note apart; undefined when it is none. */
export function parseNote(note: string): SignedNote | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return undefined;
  const signatures: { name: string; bytes: Buffer }[] = [];
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
    if (match === null) return undefined;
    signatures.push({ name: match[1] ?? '', bytes: Buffer.from(match[2] ?? '', 'base64') });
  }
  return { text: note.slice(0, end + 1), signatures };
}

function rawVerifier(name: string, raw: Uint8Array): NoteVerifier {
  const id = keyId(name, raw);
  const key: KeyObject = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
  const verifiesBytes = (bytes: Uint8Array, signature: Uint8Array): boolean => verify(null, bytes, key, signature);
  return {
    name,
    text: `${name}+${id.toString('hex')}+${Buffer.concat([Buffer.of(ed25519), raw]).toString('base64')}`,
    verifiesBytes,
    verifies: ({ text, signatures }) =>
      signatures.some(
        ({ name: signer, bytes }) =>
          signer === name &&
          bytes.subarray(0, keyIdBytes).equals(id) &&
          verifiesBytes(Buffer.from(text), bytes.subarray(keyIdBytes)),
      ),
  };
}

function keyId(name: string, raw: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ed25519), raw]);
  return hash('sha256', named, 'buffer').subarray(0, keyIdBytes);
}
