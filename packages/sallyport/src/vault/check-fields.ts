// Checks a value before it is sealed: later it is placed into requests as it is, and looked for in replies.
import { createHmac } from 'node:crypto';
import { type CredentialKind, credentialFields } from '../domain/credential.ts';
import { estimateBits, minimumBits } from '../domain/entropy.ts';
import { SallyportError } from '../domain/errors.ts';
import type { SecretField, SecretFields } from '../domain/secret.ts';

const maxBytes = 16_384;

/**
 * Refuses fields that are not exactly those of the kind, and values that no request can carry.
 * @throws SallyportError CREDENTIAL_VALUE
 */
export function checkFields(kind: CredentialKind, fields: SecretFields): void {
  const expected = credentialFields[kind];
  const names = Object.keys(expected);
  if (Object.keys(fields).toSorted().join() !== names.toSorted().join())
    throw invalid(`a credential of kind ${kind} has exactly these fields: ${names.join(', ')}`);
  for (const name of names) {
    const field = fields[name];
    if (field?.secret !== expected[name]?.secret) throw invalid(`the field ${name} is not marked as its kind says`);
    checkText(name, field === undefined ? '' : fieldText(field));
  }
  const username = fields['username'];
  // RFC 7617 §2: the first colon ends the user name.
  if (username !== undefined && fieldText(username).includes(':'))
    throw invalid('a user name cannot hold a colon; check that it is not the whole pair');
}

/** Whether any secret field holds fewer than 48 bits of estimated entropy. */
export function isWeak(fields: SecretFields): boolean {
  return secretTexts(fields).some((text) => estimateBits(text) < minimumBits);
}

/** HMAC of the secret, hex: says whether a leaked value is ours without opening anything. */
export function blindIndex(indexKey: Uint8Array, fields: SecretFields): string {
  const hmac = createHmac('sha256', indexKey);
  for (const text of secretTexts(fields)) hmac.update(text, 'utf8');
  return hmac.digest('hex');
}

function checkText(name: string, text: string): void {
  if (text.length === 0) throw invalid(`the field ${name} is empty; give a value`);
  if (Buffer.byteLength(text, 'utf8') > maxBytes) throw invalid(`the field ${name} is longer than ${maxBytes} bytes`);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed())
    throw invalid(`the field ${name} holds a line break or another control character; give one line of text`);
}

function secretTexts(fields: SecretFields): readonly string[] {
  return Object.values(fields).flatMap((field) => (field.secret ? [field.value.reveal()] : []));
}

function fieldText(field: SecretField): string {
  return field.secret ? field.value.reveal() : field.value;
}

function invalid(message: string): SallyportError {
  return new SallyportError('CREDENTIAL_VALUE', message);
}
