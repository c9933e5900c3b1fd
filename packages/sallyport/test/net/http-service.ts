// An HTTP service for tests, with what a test does not care about filled in.
import type { HttpService, ServiceId } from '../../src/domain/service.ts';

/** A service with the given fields. */
export function httpService(fields: Partial<HttpService>): HttpService {
  return {
    type: 'http',
    id: 'svc' as ServiceId,
    scheme: 'https',
    host: 'service.test',
    port: 443,
    basePath: [],
    trust: { kind: 'system' },
    addresses: [],
    credential: null,
    place: null,
    ...fields,
  };
}
