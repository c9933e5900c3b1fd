// The door of the metrics: a listener of its own, with a token of its own, that answers one question.
import type { MetricsToken } from '../../agents/metrics-token.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { DoorHandler, RequestHead } from '../../net/door-request.ts';
import { problemOf } from '../../net/problem-response.ts';
import { expositionText, expositionType, type Family } from './exposition.ts';

interface MetricsDoor {
  readonly token: MetricsToken;
  readonly read: () => Promise<readonly Family[]>;
}

/** Answers `GET /metrics` to the holder of the token. */
export function createMetricsDoor({ token, read }: MetricsDoor): DoorHandler {
  return (request) => {
    const refusal = refusalOf(request, token);
    if (refusal !== undefined) {
      const challenge = refusal.status === 401 ? ['www-authenticate', 'Bearer realm="sallyport metrics"'] : [];
      request.answer(problemOf(refusal, { headers: challenge }));
      return;
    }
    read().then(
      (families) =>
        request.answer({ status: 200, contentType: expositionType, body: expositionText(families), headers: [] }),
      (cause: unknown) =>
        request.answer(problemOf(new SallyportError('INTERNAL', 'the metrics cannot be read', { cause }))),
    );
  };
}

// The token comes first: nobody else learns which paths there are.
function refusalOf(request: RequestHead, token: MetricsToken): SallyportError | undefined {
  const presented = /^Bearer +(\S+)$/i.exec(headerOf(request, 'authorization'))?.[1];
  if (presented === undefined)
    return new SallyportError(
      'TOKEN_MISSING',
      'send the token of the metrics as a bearer token: `sallyport metrics token`',
    );
  if (!token.accepts(presented)) return new SallyportError('TOKEN_UNKNOWN', 'this is not the token of the metrics');
  if (request.target !== '/metrics') return new SallyportError('REQUEST_NOT_FOUND', 'there is only /metrics');
  return request.method === 'GET' ? undefined : new SallyportError('REQUEST_METHOD', 'ask with GET');
}

// The guard has seen to it that the header is there once at most.
function headerOf({ headers }: RequestHead, name: string): string {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text === name);
  return at < 0 ? '' : (headers[at + 1] ?? '');
}
