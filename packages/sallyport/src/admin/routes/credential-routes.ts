// Credentials: what is there and when it is due; values go in and never come out.
import { Hono } from 'hono';
import { z } from 'zod';
import { readAudit } from '../../audit/read-audit.ts';
import { suggestion } from '../../config/nearest-name.ts';
import type {
  CredentialDefinition,
  CredentialId,
  CredentialTarget,
  DeclaredCredential,
} from '../../domain/credential.ts';
import { credentialFields } from '../../domain/credential.ts';
import { declaredCredentials } from '../../domain/declared-credentials.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { SecretField, SecretFields } from '../../domain/secret.ts';
import { Secret } from '../../domain/secret.ts';
import type { AdminContext } from '../admin-context.ts';
import type { CredentialFields, CredentialHistory, CredentialView, rebindShape } from '../client-shapes.ts';
import { requestBody } from './request-body.ts';

const additionShape = z.strictObject({ fields: z.record(z.string(), z.string()), acceptWeak: z.boolean() });

const confirmationShape = z.strictObject({ version: z.number(), from: z.string(), to: z.string() });

/** `GET /`, `GET /:id/fields`, `POST /:id`, `GET|POST /:id/rebind`, `GET /:id/history`, `DELETE /:id`. */
export function credentialRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.get('/', (c) => c.json({ credentials: credentialViews(context) }));
  routes.get('/:id/fields', (c) => c.json(wantedFields(context, c.req.param('id'))));
  routes.post('/:id', async (c) => {
    const credential = declared(context, c.req.param('id'));
    const { fields, acceptWeak } = await requestBody(c, additionShape);
    await context.vault.add(credential, secretFields(credential.definition, fields), { acceptWeak });
    await context.credentialsChanged();
    return c.json(requireView(context, credential.definition.id));
  });
  routes.get('/:id/rebind', (c) => c.json(rebindView(context, c.req.param('id'))));
  routes.post('/:id/rebind', async (c) => {
    const { declaration, sealed } = rebindOf(context, c.req.param('id'));
    const confirmed = await requestBody(c, confirmationShape);
    const { version, from, to } = rebindView(context, declaration.definition.id);
    // What is done is what was shown.
    if (confirmed.version !== version || confirmed.from !== from || confirmed.to !== to)
      throw new SallyportError('ADMIN_INPUT', 'the credential or its target changed since it was shown; look again');
    await context.vault.rebind(declaration, { version, from: sealed.target, to: declaration.target });
    await context.credentialsChanged();
    return c.json(requireView(context, declaration.definition.id));
  });
  routes.get('/:id/history', async (c) => c.json(await history(context, c.req.param('id'))));
  routes.delete('/:id', async (c) => {
    const view = requireView(context, c.req.param('id'));
    const version = context.vault.list().find((each) => each.credential === view.id);
    if (version === undefined)
      throw new SallyportError('CREDENTIAL_UNKNOWN', 'this credential has no value in the vault');
    await context.vault.remove(version.credential);
    await context.credentialsChanged();
    return c.json({ removed: view.id });
  });
  return routes;
}

function rebindOf(context: AdminContext, id: string) {
  const declaration = declared(context, id);
  const sealed = context.vault.current(declaration.definition.id);
  if (sealed === undefined)
    throw new SallyportError('CREDENTIAL_MISSING', 'this credential has no value to rebind; add one instead');
  return { declaration, sealed };
}

function rebindView(context: AdminContext, id: string): z.infer<typeof rebindShape> {
  const { declaration, sealed } = rebindOf(context, id);
  const { definition, target } = declaration;
  const dueAtMs = sealed.createdAtMs + definition.maxLifetimeMs;
  return { version: sealed.version, from: targetText(sealed.target), to: targetText(target), dueAtMs };
}

const historyKinds = ['credential.added', 'credential.rebound', 'credential.removed'] as const;
const maxRecords = 10_000;

async function history(context: AdminContext, id: string): Promise<CredentialHistory> {
  const stored = await readAudit(context.store, { subject: id, kinds: historyKinds, limit: maxRecords });
  const versions = context.vault
    .list()
    .filter(({ credential }) => credential === id)
    .map(({ version, state, target, createdAtMs, isWeak }) => {
      return { version, state, target: targetText(target), addedAtMs: createdAtMs, isWeak };
    });
  if (stored.length === 0 && versions.length === 0) requireView(context, id);
  const records = stored.flatMap(({ leaf, entry }) =>
    'facts' in entry ? [{ leaf, atMs: entry.at, kind: entry.kind, facts: { ...entry.facts } }] : [],
  );
  return { versions, records };
}

/** Every credential that the config declares or the vault holds. */
export function credentialViews(context: AdminContext): readonly CredentialView[] {
  const inConfig = declaredCredentials(context.config);
  const undeclared = context.vault
    .list()
    .map((version) => version.credential)
    .filter((id) => !context.config.credentials.has(id));
  const ids = [...new Set([...context.config.credentials.keys(), ...undeclared])].toSorted();
  return ids.map((id) => credentialView(context, id, inConfig.get(id)));
}

function credentialView(
  context: AdminContext,
  id: CredentialId,
  declaration: DeclaredCredential | undefined,
): CredentialView {
  const version = context.vault.current(id);
  const maxLifetimeMs = declaration?.definition.maxLifetimeMs ?? null;
  const dueAtMs = version === undefined || maxLifetimeMs === null ? null : version.createdAtMs + maxLifetimeMs;
  return {
    id,
    kind: declaration?.definition.kind ?? version?.kind ?? 'unknown',
    service: serviceOf(context, id),
    target: version === undefined ? null : targetText(version.target),
    maxLifetimeMs,
    version: version?.version ?? null,
    addedAtMs: version?.createdAtMs ?? null,
    dueAtMs,
    isWeak: version?.isWeak ?? false,
    state: stateOf(declaration, version?.target, dueAtMs !== null && dueAtMs <= context.clock.nowMs()),
  };
}

function stateOf(
  declaration: DeclaredCredential | undefined,
  sealed: CredentialTarget | undefined,
  isPastDue: boolean,
): CredentialView['state'] {
  if (declaration === undefined) return 'undeclared';
  if (sealed === undefined) return 'missing';
  if (targetText(sealed) !== targetText(declaration.target) || sealed.kind !== declaration.target.kind)
    return 'target-changed';
  return isPastDue ? 'expired' : 'ready';
}

/** A target for people: where the credential goes, and by which anchor the peer is known. */
function targetText(target: CredentialTarget): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${target.scheme}://${host}:${target.port} as ${target.place}, trust ${target.trust}`;
}

function serviceOf(context: AdminContext, id: CredentialId): string | null {
  for (const service of context.config.services.values()) {
    if (service.type === 'http' && service.credential === id) return service.id;
  }
  return null;
}

function declared(context: AdminContext, id: string): DeclaredCredential {
  for (const [key, credential] of declaredCredentials(context.config)) if (key === id) return credential;
  const { config } = context;
  const reload = context.server() === null ? '' : ', then run `sallyport reload`';
  throw new SallyportError(
    'CREDENTIAL_UNKNOWN',
    `no service of the config that is in force uses such a credential: declare it in ${config.file}${reload}${suggestion(id, config.credentials.keys())}`,
  );
}

function requireView(context: AdminContext, id: string): CredentialView {
  const view = credentialViews(context).find((each) => each.id === id);
  if (view === undefined)
    throw new SallyportError('CREDENTIAL_UNKNOWN', 'there is no such credential; see `sallyport credential list`');
  return view;
}

function wantedFields(context: AdminContext, id: string): CredentialFields {
  const { definition, target } = declared(context, id);
  const service = serviceOf(context, definition.id) ?? '-';
  return { fields: [...fieldNames(definition)], service, target: targetText(target) };
}

function fieldNames(definition: CredentialDefinition): readonly { readonly name: string; readonly secret: boolean }[] {
  return Object.entries(credentialFields[definition.kind]).map(([name, { secret }]) => ({ name, secret }));
}

function secretFields(definition: CredentialDefinition, values: Readonly<Record<string, string>>): SecretFields {
  const kindFields = credentialFields[definition.kind];
  const fields: Record<string, SecretField> = {};
  for (const [name, value] of Object.entries(values)) {
    const isSecret = kindFields[name]?.secret ?? true;
    fields[name] = isSecret ? { secret: true, value: new Secret(value) } : { secret: false, value };
  }
  return fields;
}
