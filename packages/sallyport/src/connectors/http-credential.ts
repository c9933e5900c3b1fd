// Places a credential in the one declared place of a request, at the last moment, and nowhere else.
import { assertNever } from '../domain/assert-never.ts';
import { SallyportError } from '../domain/errors.ts';
import type { Placement } from '../domain/placement.ts';
import type { SecretFields } from '../domain/secret.ts';

/** What a placed credential adds to a request: secret memory, kept only while the request is sent. */
export interface PlacedCredential {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** An encoded pair, or nothing. */
  readonly query: string;
}

const visibleText = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;
const bearerToken = /^[\x21-\x7e]+$/;
// RFC 6265 §4.1.1.
const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/**
 * Reveals the credential for its place.
 * @throws SallyportError CREDENTIAL_MISSING when a field is absent, CREDENTIAL_VALUE when its characters cannot stand there
 */
export function placeCredential(place: Placement, fields: SecretFields): PlacedCredential {
  switch (place.kind) {
    case 'bearer':
      return { headers: ['authorization', `Bearer ${checked(fieldText(fields, 'token'), bearerToken)}`], query: '' };
    case 'basic':
      return { headers: ['authorization', `Basic ${basicPair(fields)}`], query: '' };
    case 'header':
      return {
        headers: [place.name.toLowerCase(), checked(`${place.prefix}${fieldText(fields, 'token')}`, visibleText)],
        query: '',
      };
    case 'query':
      return { headers: [], query: `${encodeURIComponent(place.name)}=${encoded(fieldText(fields, 'token'))}` };
    case 'cookie':
      return { headers: ['cookie', `${place.name}=${checked(fieldText(fields, 'token'), cookieValue)}`], query: '' };
    default:
      return assertNever(place);
  }
}

function fieldText(fields: SecretFields, name: string): string {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const text = field?.secret === true ? field.value.reveal() : field?.value;
  // An empty value would be a request without a credential.
  if (text === undefined || text === '') {
    throw new SallyportError('CREDENTIAL_MISSING', 'the credential of this service lacks a value');
  }
  return text;
}

// RFC 7617 §2: UTF-8, and the first colon ends the user name.
function basicPair(fields: SecretFields): string {
  const username = fieldText(fields, 'username');
  const pair = `${username}:${fieldText(fields, 'password')}`;
  if (username.includes(':') || /\p{Cc}/u.test(pair) || !pair.isWellFormed()) throw unfit();
  return Buffer.from(pair).toString('base64');
}

function checked(text: string, pattern: RegExp): string {
  if (!pattern.test(text)) throw unfit();
  return text;
}

function encoded(text: string): string {
  if (!text.isWellFormed()) throw unfit();
  return encodeURIComponent(text);
}

function unfit(): SallyportError {
  return new SallyportError(
    'CREDENTIAL_VALUE',
    'the credential of this service has characters that its place cannot hold',
  );
}
