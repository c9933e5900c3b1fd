// The door of the metrics: a listener of its own, with a token of its own, that answers one question.
import type { MetricsToken } from '../../agents/metrics-token.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { RequestHandler } from '../../net/listener.ts';
import { securityHeaders, sendProblem } from '../../net/problem-response.ts';
import { expositionText, expositionType, type Family } from './exposition.ts';

interface MetricsDoor {
  readonly token: MetricsToken;
  readonly read: () => Promise<readonly Family[]>;
}

/** Answers `GET /metrics` to the holder of the token. */
export function createMetricsDoor({ token, read }: MetricsDoor): RequestHandler {
  return (request, response) => {
    const refusal = refusalOf(request, token);
    if (refusal !== undefined) {
      const challenge = refusal.status === 401 ? { 'www-authenticate': 'Bearer realm="sallyport metrics"' } : {};
      sendProblem(response, refusal, { headers: challenge });
      return;
    }
    read().then(
      (families) => {
        const text = expositionText(families);
        const length = String(Buffer.byteLength(text));
        response.writeHead(200, { ...securityHeaders, 'content-type': expositionType, 'content-length': length });
        response.end(text);
      },
      (cause: unknown) =>
        sendProblem(response, new SallyportError('INTERNAL', 'the metrics cannot be read', { cause })),
    );
  };
}

// The token comes first: nobody else learns which paths there are.
function refusalOf(request: Parameters<RequestHandler>[0], token: MetricsToken): SallyportError | undefined {
  const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (presented === undefined)
    return new SallyportError(
      'TOKEN_MISSING',
      'send the token of the metrics as a bearer token: `sallyport metrics token`',
    );
  if (!token.accepts(presented)) return new SallyportError('TOKEN_UNKNOWN', 'this is not the token of the metrics');
  if (request.url !== '/metrics') return new SallyportError('REQUEST_NOT_FOUND', 'there is only /metrics');
  return request.method === 'GET' ? undefined : new SallyportError('REQUEST_METHOD', 'ask with GET');
}
