// Credentials: what is there and when it is due; values go in and never come out.
import { Hono } from 'hono';
import { z } from 'zod';
import type { CredentialDefinition } from '../../domain/credential.ts';
import { credentialFields } from '../../domain/credential.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { SecretField, SecretFields } from '../../domain/secret.ts';
import { Secret } from '../../domain/secret.ts';
import type { AdminContext } from '../admin-context.ts';
import type { CredentialFields, rebindShape } from '../client-shapes.ts';
import { declaredCredential, requireView, serviceOf, targetText } from '../views/credential-views.ts';
import { requestBody } from './request-body.ts';

const additionShape = z.strictObject({ fields: z.record(z.string(), z.string()), acceptWeak: z.boolean() });

const confirmationShape = z.strictObject({ version: z.number(), from: z.string(), to: z.string() });

/** `GET /:id/fields`, `POST /:id`, `GET|POST /:id/rebind`, `DELETE /:id`. */
export function credentialRoutes(context: AdminContext): Hono {
  const routes = new Hono();
  routes.get('/:id/fields', (c) => c.json(wantedFields(context, c.req.param('id'))));
  routes.post('/:id', async (c) => {
    const credential = declaredCredential(context, c.req.param('id'));
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
  const declaration = declaredCredential(context, id);
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

function wantedFields(context: AdminContext, id: string): CredentialFields {
  const { definition, target } = declaredCredential(context, id);
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
