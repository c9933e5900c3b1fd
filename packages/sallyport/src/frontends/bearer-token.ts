// An agent shows its token in exactly one Authorization header; everything else is refused with a word on what to send.
import { SallyportError } from '../domain/errors.ts';
import { headerOf, type RequestHeaders } from './request-headers.ts';

// RFC 6750 §2.1; the bound keeps a hostile header from being carried further.
const bearer = /^Bearer +([A-Za-z0-9\-._~+/]{1,512}={0,2})$/i;

/**
 * The token as presented; whether it is known is for the pipeline to say.
 * @throws SallyportError TOKEN_MISSING, TOKEN_MALFORMED
 */
export function readBearerToken(headers: RequestHeaders): string {
  const header = headerOf(headers, 'authorization');
  if (header.kind === 'absent') {
    throw new SallyportError(
      'TOKEN_MISSING',
      'send the header `Authorization: Bearer TOKEN`; an operator makes a token with `sallyport agent add`',
    );
  }
  if (header.kind === 'repeated') {
    throw new SallyportError('TOKEN_MALFORMED', 'send exactly one Authorization header');
  }
  const token = bearer.exec(header.value)?.[1];
  if (token === undefined) {
    throw new SallyportError(
      'TOKEN_MALFORMED',
      'send the token as `Authorization: Bearer TOKEN`, as it was handed out',
    );
  }
  return token;
}

/** The challenge that goes with a 401 (RFC 6750 §3). */
export function challengeFor(error: { readonly code: string }): string {
  return error.code === 'TOKEN_MISSING'
    ? 'Bearer realm="sallyport"'
    : 'Bearer realm="sallyport", error="invalid_token"';
}
