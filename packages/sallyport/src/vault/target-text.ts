// The sealed target as text: canonical for sealing and comparing, readable for people and the audit.
import { canonicalJson } from '../domain/canonical-json.ts';
import { type CredentialKind, type CredentialTarget, credentialKinds } from '../domain/credential.ts';
import type { CredentialId } from '../domain/credential-id.ts';

/** Canonical JSON (RFC 8785) of every field of a target; two targets are the same when these are. */
export function canonicalTarget(target: CredentialTarget): string {
  const { credential, kind, use, scheme, host, port, place, trust } = target;
  return canonicalJson({ credential, kind, use, scheme, host, port, place, trust });
}

/** Whether two targets are the same in every field that is sealed. */
export function isSameTarget(one: CredentialTarget, other: CredentialTarget): boolean {
  return (
    one.credential === other.credential &&
    one.kind === other.kind &&
    one.use === other.use &&
    one.scheme === other.scheme &&
    one.host === other.host &&
    one.port === other.port &&
    one.place === other.place &&
    one.trust === other.trust
  );
}

/** A target for people: where the credential goes, how it is placed, and why the peer is believed. */
export function readableTarget({ scheme, host, port, place, trust }: CredentialTarget): string {
  const authority = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${authority}:${port} place=${place} trust=${trust}`;
}

/** The target of a stored text; undefined when it is not exactly what `canonicalTarget` writes. */
export function parseTarget(text: string): CredentialTarget | undefined {
  const { credential, kind, use, scheme, host, port, place, trust } = parseObject(text);
  if (!isCredentialId(credential) || !isCredentialKind(kind) || use !== 'call' || !isText(scheme) || !isText(host))
    return undefined;
  if (typeof port !== 'number' || !isText(place) || !isText(trust)) return undefined;
  const target = { credential, kind, use, scheme, host, port, place, trust } as const;
  return canonicalTarget(target) === text ? target : undefined;
}

/** Whether a stored value is a kind of credential. */
export function isCredentialKind(value: unknown): value is CredentialKind {
  return credentialKinds.some((kind) => kind === value);
}

/** Whether a stored value can be the name of a credential. */
export function isCredentialId(value: unknown): value is CredentialId {
  return isText(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
