// Credentials as operators see them: what is there, where it goes, when it is due and what was done with it; never a value.
import { readAudit } from '../../audit/read-audit.ts';
import { suggestion } from '../../config/nearest-name.ts';
import type { CredentialId, CredentialTarget, DeclaredCredential } from '../../domain/credential.ts';
import { credentialOf } from '../../domain/credential.ts';
import { declaredCredentials } from '../../domain/declared-credentials.ts';
import { SallyportError } from '../../domain/errors.ts';
import type { CredentialHistory, CredentialView } from '../client-shapes.ts';
import type { ReadingContext } from '../reading-context.ts';

const historyKinds = ['credential.added', 'credential.rebound', 'credential.removed'] as const;
const maxRecords = 10_000;

/** The versions of a credential, and everything that was done with it. */
export async function credentialHistory(context: ReadingContext, id: string): Promise<CredentialHistory> {
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
export function credentialViews(context: ReadingContext): readonly CredentialView[] {
  const inConfig = declaredCredentials(context.config);
  const undeclared = context.vault
    .list()
    .map((version) => version.credential)
    .filter((id) => !context.config.credentials.has(id));
  const ids = [...new Set([...context.config.credentials.keys(), ...undeclared])].toSorted();
  return ids.map((id) => credentialView(context, id, inConfig.get(id)));
}

function credentialView(
  context: ReadingContext,
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
    state: stateOf(declaration, {
      sealed: version?.target,
      isUnreadable: context.vault.isUnreadable(id),
      isPastDue: dueAtMs !== null && dueAtMs <= context.clock.nowMs(),
    }),
  };
}

interface InVault {
  readonly sealed: CredentialTarget | undefined;
  readonly isUnreadable: boolean;
  readonly isPastDue: boolean;
}

function stateOf(
  declaration: DeclaredCredential | undefined,
  { sealed, isUnreadable, isPastDue }: InVault,
): CredentialView['state'] {
  if (declaration === undefined) return 'undeclared';
  // Of a row that was altered nothing else is known either.
  if (isUnreadable) return 'unreadable';
  if (sealed === undefined) return 'missing';
  if (targetText(sealed) !== targetText(declaration.target) || sealed.kind !== declaration.target.kind)
    return 'target-changed';
  return isPastDue ? 'expired' : 'ready';
}

/** A target for people: where the credential goes, and by which anchor the peer is known. */
export function targetText(target: CredentialTarget): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${target.scheme}://${host}:${target.port} as ${target.place}, trust ${target.trust}`;
}

/** The service that a credential is for. */
export function serviceOf(context: ReadingContext, id: CredentialId): string | null {
  for (const service of context.config.services.values()) {
    if (credentialOf(service) === id) return service.id;
  }
  return null;
}

/** One credential as operators see it. @throws SallyportError CREDENTIAL_UNKNOWN */
export function requireView(context: ReadingContext, id: string): CredentialView {
  const view = credentialViews(context).find((each) => each.id === id);
  if (view === undefined)
    throw new SallyportError('CREDENTIAL_UNKNOWN', 'there is no such credential; see `sallyport credential list`');
  return view;
}

/** A credential that a service of the config uses. @throws SallyportError CREDENTIAL_UNKNOWN, with the nearest name */
export function declaredCredential(context: ReadingContext, id: string): DeclaredCredential {
  for (const [key, credential] of declaredCredentials(context.config)) if (key === id) return credential;
  const { config } = context;
  const reload = context.server() === null ? '' : ', then run `sallyport reload`';
  throw new SallyportError(
    'CREDENTIAL_UNKNOWN',
    `no service of the config that is in force uses such a credential: declare it in ${config.file}${reload}${suggestion(id, config.credentials.keys())}`,
  );
}
