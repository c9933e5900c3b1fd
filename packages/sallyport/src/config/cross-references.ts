// Follows every name from one part of the config to another: what is named must exist, fit, and be named once where it must be.
import type { CredentialDefinition } from '../domain/credential.ts';
import { fitsPlace } from '../domain/credential.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { HttpService, PostgresService, Service } from '../domain/service.ts';
import type { DeclaredParts } from './declared-parts.ts';
import { checkRules } from './grant-references.ts';
import { suggestion } from './nearest-name.ts';
import type { Spot } from './spot.ts';
import { at, report, warn } from './spot.ts';

const maxToolNameLength = 64;

/** Reports every reference that leads nowhere or to the wrong thing. */
export function checkReferences(root: Spot, parts: DeclaredParts): void {
  checkCredentialUse(root, parts);
  for (const service of parts.services.values.values()) checkService(root, service, parts);
  checkServiceNames(root, parts);
  for (const operation of parts.operations.values.values()) checkOperation(root, operation, parts);
  checkToolNames(root, parts);
  for (const agent of parts.agents.values.values()) checkRules(root, agent, parts);
}

function checkCredentialUse(root: Spot, { services, credentials }: DeclaredParts): void {
  const users = new Map<string, string>();
  for (const [id, name] of services.named) {
    if (name === 'none') continue;
    const spot = at(root, 'services', id, 'credential');
    if (!credentials.names.has(name)) {
      report(
        spot,
        `no credential is named \`${name}\` (a service without one says \`credential: none\`)${suggestion(name, credentials.names)}`,
      );
      continue;
    }
    const other = users.get(name);
    // I7: a credential has one target.
    if (other !== undefined)
      report(spot, `\`${name}\` is the credential of \`${other}\` already; each service has its own`);
    users.set(name, other ?? id);
  }
  for (const id of credentials.names) {
    if (!users.has(id))
      warn(at(root, 'credentials', id), 'no service uses this credential; it cannot be given a value');
  }
}

function checkService(root: Spot, service: Service, { credentials }: DeclaredParts): void {
  if (service.type === 'postgres') checkSignIn(root, service, credentials.values.get(service.credential));
  if (service.type !== 'http' || service.credential === null || service.place === null) return;
  const credential = credentials.values.get(service.credential);
  if (credential === undefined || fitsPlace(credential.kind, service.place)) return;
  const fitting = credential.kind === 'username-password' ? '`basic`' : '`bearer`, `header`, `query` or `cookie`';
  report(
    at(root, 'services', service.id, 'place'),
    `a credential of kind \`${credential.kind}\` is placed as ${fitting}`,
  );
}

function checkSignIn(root: Spot, service: PostgresService, credential: CredentialDefinition | undefined): void {
  if (credential === undefined || credential.kind === 'username-password') return;
  const message = 'a postgres service needs a credential of kind `username-password`';
  report(at(root, 'services', service.id, 'credential'), message);
}

function checkServiceNames(root: Spot, { operations, services }: DeclaredParts): void {
  for (const [id, name] of operations.named) {
    if (services.names.has(name)) continue;
    report(at(root, 'operations', id, 'service'), `no service is named \`${name}\`${suggestion(name, services.names)}`);
  }
}

function checkOperation(root: Spot, operation: OperationDefinition, { services }: DeclaredParts): void {
  const service = services.values.get(operation.service);
  const spot = at(root, 'operations', operation.id);
  if (service === undefined) return;
  if (service.type !== operation.request.type) {
    const key = service.type === 'http' ? '`http`' : '`sql`';
    report(spot, `the service \`${service.id}\` is of type ${service.type}: its operations have ${key}`);
  } else if (service.type === 'http') {
    checkCredentialPlace(spot, operation, service);
  }
}

// The credential's place belongs to Sallyport: an operation that writes there could shadow or double it.
function checkCredentialPlace(spot: Spot, { request }: OperationDefinition, { place }: HttpService): void {
  if (request.type !== 'http' || place === null) return;
  const message = 'is the place of the credential; remove it here';
  if (place.kind === 'header') {
    if (Object.hasOwn(request.headers, place.name)) report(at(spot, 'http', 'headers'), `\`${place.name}\` ${message}`);
    if (request.idempotencyHeader === place.name)
      report(at(spot, 'http', 'idempotency-header'), `\`${place.name}\` ${message}`);
  }
  if (place.kind !== 'query') return;
  for (const name of Object.keys(request.query)) {
    // Some services read parameter names without regard to case.
    if (name.toLowerCase() === place.name.toLowerCase())
      report(at(spot, 'http', 'query', name), `\`${name}\` ${message}`);
  }
}

// A4: agents know an operation by its tool name, and no order of the file may decide which one they get.
function checkToolNames(root: Spot, { operations }: DeclaredParts): void {
  const seen = new Map<string, string>();
  for (const id of operations.names) {
    const tool = id.replaceAll('.', '_');
    const spot = at(root, 'operations', id);
    const other = seen.get(tool);
    if (tool.length > maxToolNameLength)
      report(spot, `is a tool name of more than ${maxToolNameLength} characters; shorten it`);
    if (other !== undefined) report(spot, `has the tool name \`${tool}\`, and so has \`${other}\`; rename one`);
    seen.set(tool, other ?? id);
  }
}
