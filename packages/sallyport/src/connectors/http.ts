// The connector for HTTP APIs: one pool a service, one checked template an operation.
import { SallyportError } from '../domain/errors.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { HttpService } from '../domain/service.ts';
import type { Connector, ConnectorContext, Prepared, ServiceConnection } from './connector.ts';
import { executeRequest } from './http-execute.ts';
import { HttpPlannedRequest, requestBuilder } from './http-request.ts';
import { checkTemplate } from './http-template.ts';

/** HTTP APIs: requests built by structure, credential in its declared place, no redirects. */
export const httpConnector: Connector<HttpService> = {
  type: 'http',
  connect: (service, context) => connect(service, context),
};

function connect(service: HttpService, context: ConnectorContext): ServiceConnection {
  const pool = context.network.httpPool(service);
  return {
    check: () => Promise.resolve([]),
    prepare: (operation) => Promise.resolve(prepare(service, operation, pool)),
    // Ends connections in use as well: their calls end as not-sent, failed or indeterminate, as it may be.
    close: () => pool.destroy(),
  };
}

type Pool = ReturnType<ConnectorContext['network']['httpPool']>;

function prepare(service: HttpService, operation: OperationDefinition, pool: Pool): Prepared {
  const template = operation.request;
  if (template.type !== 'http') {
    return { ok: false, problems: [{ severity: 'error', path: [], message: 'an HTTP service needs http, not sql' }] };
  }
  const problems = checkTemplate(service, operation, template);
  if (problems.some((problem) => problem.severity === 'error')) return { ok: false, problems };
  const shared = { pool, operation, place: service.place, idempotencyHeader: template.idempotencyHeader };
  return {
    ok: true,
    problems,
    plan: {
      describe: `${template.method} ${template.path}`,
      build: requestBuilder(service, template),
      execute: (request, access) =>
        request instanceof HttpPlannedRequest
          ? executeRequest(shared, request, access)
          : Promise.resolve({
              kind: 'not-sent',
              error: new SallyportError('INTERNAL', 'a request of another connector'),
            }),
    },
  };
}
