// The config after parsing: what the file declares, as domain types, and where in the file each thing stands.
import type { AgentDefinition, AgentId } from './agent.ts';
import type { CredentialDefinition, CredentialId } from './credential.ts';
import type { OperationDefinition, OperationId } from './operation.ts';
import type { ConfigPath } from './problem.ts';
import type { Service, ServiceId } from './service.ts';

/** Where agents reach Sallyport. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Host names besides the address itself that requests may carry in `Host`. */
  readonly hostNames: readonly string[];
  /** PEM files; required on any address but loopback. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
}

/** A file that a config was read from. */
export interface ReadSource {
  readonly path: string;
  /** SHA-256 of its text, hex. */
  readonly sha256: string;
}

/** Everything that `sallyport.yaml` declares. */
export interface Config {
  readonly file: string;
  /** SHA-256 of the canonical content, hex. */
  readonly digest: string;
  readonly listen: ListenAddress;
  /** Where metrics are read; null where nobody may. */
  readonly metrics: ListenAddress | null;
  readonly services: ReadonlyMap<ServiceId, Service>;
  readonly credentials: ReadonlyMap<CredentialId, CredentialDefinition>;
  readonly operations: ReadonlyMap<OperationId, OperationDefinition>;
  readonly agents: ReadonlyMap<AgentId, AgentDefinition>;
  /** The config file and the certificates that it names, as they were read. */
  readonly sources: readonly ReadSource[];
  /** Whether this program has compiled the whole of it before, so that its parts may be compiled when they are first used. */
  readonly isProven: boolean;
  /** Position of a path in the file; of its nearest parent where the path itself is not there. From 1. */
  locate(path: ConfigPath): { readonly line: number; readonly column: number };
}
