// Answers at /mcp are JSON: a client that says it takes none is told so before its message is looked at (RFC 9110 §12.5.1).
import { SallyportError } from '../../domain/errors.ts';
import { type HeaderValue, headerOf, type RequestHeaders } from '../request-headers.ts';

// What clients of the protocol send, word for word in nearly every request.
const usual = 'application/json, text/event-stream';
const takesJson = /^(?:application\/json|application\/\*|\*\/\*)$/i;
const refusesIt = /^q=0(?:\.0{0,3})?$/i;

/**
 * Accepts a missing header and every list that JSON fits.
 * @throws SallyportError REQUEST_ACCEPT
 */
export function requireJsonAccepted(headers: RequestHeaders): void {
  const header = headerOf(headers, 'accept');
  if (header.kind === 'absent' || (header.kind === 'one' && header.value === usual)) return;
  if (!valuesOf(header).some(fitsJson)) throw new SallyportError('REQUEST_ACCEPT', `send \`Accept: ${usual}\``);
}

function valuesOf(header: HeaderValue): readonly string[] {
  if (header.kind === 'absent') return [];
  const lines = header.kind === 'one' ? [header.value] : header.values;
  return lines.flatMap((line) => line.split(','));
}

function fitsJson(range: string): boolean {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  return takesJson.test(type) && !parameters.some((parameter) => refusesIt.test(parameter));
}
