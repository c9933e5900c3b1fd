// A service is an external system: how to reach it, and which credential opens it.
import type { Brand } from './brand.ts';
import type { CredentialId } from './credential-id.ts';
import type { Placement } from './placement.ts';

/** Key of a service in the config: lower case letters, digits and dashes. */
export type ServiceId = Brand<string, 'ServiceId'>;

/** Why a peer's identity is believed. */
export type TrustAnchor =
  | { readonly kind: 'system' }
  /** `sha256` is the hex digest of the PEM file, so that a swapped file counts as another anchor. */
  | { readonly kind: 'ca'; readonly file: string; readonly pem: string; readonly sha256: string }
  /** No TLS at all: accepted on loopback only, and named by `check` and `status`. */
  | { readonly kind: 'loopback' };

/** An HTTP API. */
export interface HttpService {
  readonly type: 'http';
  readonly id: ServiceId;
  readonly scheme: 'https' | 'http';
  /** Canonical ASCII host: lower case, no trailing dot; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path prefix as segments, decoded; empty for the root. */
  readonly basePath: readonly string[];
  readonly trust: TrustAnchor;
  /** CIDRs of private ranges that the host may resolve to; empty: public addresses only. */
  readonly addresses: readonly string[];
  readonly credential: CredentialId | null;
  readonly place: Placement | null;
}

/** A SQLite file on this machine. It has no credential: the file's permissions are its lock. */
export interface SqliteService {
  readonly type: 'sqlite';
  readonly id: ServiceId;
  /** Absolute path. */
  readonly file: string;
}

/** A PostgreSQL database. */
export interface PostgresService {
  readonly type: 'postgres';
  readonly id: ServiceId;
  /** Canonical ASCII host: lower case, no trailing dot; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Schemas in which unqualified names are looked up, after `pg_catalog`. */
  readonly searchPath: readonly string[];
  readonly trust: TrustAnchor;
  /** CIDRs of private ranges that the host may resolve to; empty: public addresses only. */
  readonly addresses: readonly string[];
  readonly credential: CredentialId;
}

/** A service that is reached over the network. */
export type NetworkService = HttpService | PostgresService;

/** Any service. */
export type Service = NetworkService | SqliteService;

/** The text of a trust anchor in the sealed target: `system`, `loopback` or `ca:sha256:<hex>`. */
export function trustText(trust: TrustAnchor): string {
  return trust.kind === 'ca' ? `ca:sha256:${trust.sha256}` : trust.kind;
}
