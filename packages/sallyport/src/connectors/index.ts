// The list of connectors: a kind of service is one file and one line here.
import { assertNever } from '../domain/assert-never.ts';
import type { Service } from '../domain/service.ts';
import type { ConnectorContext, ServiceConnection } from './connector.ts';
import { httpConnector } from './http.ts';
import { postgresConnector } from './postgres.ts';
import { sqliteConnector } from './sqlite.ts';

/** Connects a service with the connector of its type; opens nothing yet. */
export function connectService(service: Service, context: ConnectorContext): ServiceConnection {
  switch (service.type) {
    case httpConnector.type:
      return httpConnector.connect(service, context);
    case postgresConnector.type:
      return postgresConnector.connect(service, context);
    case sqliteConnector.type:
      return sqliteConnector.connect(service, context);
    default:
      return assertNever(service);
  }
}
