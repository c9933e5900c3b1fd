// What a config declares, section by section, with the names of entries that could not be read.
import type { AgentDefinition, AgentId } from '../domain/agent.ts';
import type { CredentialDefinition, CredentialId } from '../domain/credential.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { OperationDefinition, OperationId } from '../domain/operation.ts';
import type { Service, ServiceId } from '../domain/service.ts';
import { isJsonMap, openMap } from './map-reader.ts';
import { idRule } from './names.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

/** One section of the config. */
export interface Section<Id extends string, Value> {
  /** Every key of the section, so that a broken entry does not make its references look broken too. */
  readonly names: ReadonlySet<string>;
  /** Entries without an error in themselves. */
  readonly values: ReadonlyMap<Id, Value>;
  /** The service or credential that each entry names, readable or not. */
  readonly named: ReadonlyMap<string, string>;
}

/** All sections. */
export interface DeclaredParts {
  readonly services: Section<ServiceId, Service>;
  readonly credentials: Section<CredentialId, CredentialDefinition>;
  readonly operations: Section<OperationId, OperationDefinition>;
  readonly agents: Section<AgentId, AgentDefinition>;
}

/** How one section is read. */
export interface SectionReader<Id extends string, Value> {
  /** The key of an entry that names another entry. */
  readonly reference: string | null;
  isId(text: string): text is Id;
  read(spot: Spot, id: Id, value: JsonValue): Value | undefined;
}

/** Reads a section entry by entry; an error in one hides none in another. */
export function readSection<Id extends string, Value>(
  spot: Spot,
  value: JsonValue | undefined,
  reader: SectionReader<Id, Value>,
): Section<Id, Value> {
  const entries = value === undefined ? {} : sectionEntries(spot, value);
  const values = new Map<Id, Value>();
  const named = new Map<string, string>();
  for (const [key, entry] of Object.entries(entries)) {
    if (!reader.isId(key)) {
      report(at(spot, key), `is not an id: ${idRule}`);
      continue;
    }
    const reference = isJsonMap(entry) && reader.reference !== null ? entry[reader.reference] : undefined;
    if (typeof reference === 'string') named.set(key, reference);
    const read = reader.read(at(spot, key), key, entry);
    if (read !== undefined) values.set(key, read);
  }
  return { names: new Set(Object.keys(entries)), values, named };
}

function sectionEntries(spot: Spot, value: JsonValue): JsonObject {
  if (isJsonMap(value)) return value;
  openMap(spot, value);
  return {};
}
