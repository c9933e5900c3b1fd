// The shape of `sallyport.yaml` as a JSON Schema, for editors; `check` alone decides, and a test holds the two together.
import { credentialKinds } from '../domain/credential.ts';
import { effects } from '../domain/effect.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import { schemaKeywords, schemaTypes } from './schema-keywords.ts';

const ids = '^[a-z0-9]([a-z0-9.-]{0,98}[a-z0-9])?$';
const operationIds = '^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$';
const operationOrPrefix = '^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?(\\.\\*)?$';
const inputNames = '^[a-zA-Z_][a-zA-Z0-9_]{0,63}$';

const duration = { type: 'string', pattern: '^[1-9][0-9]*(ms|s|m|h|d)$', examples: ['30s', '15m', '1h', '7d'] };
const file = { type: 'string', minLength: 1, maxLength: 4096, description: 'Relative to this file.' };
const text = { type: 'string' };
const bytes = { type: 'integer', minimum: 1, maximum: 8 * 1024 * 1024, default: 65_536 };
const rows = { type: 'integer', minimum: 1, maximum: 10_000, default: 100 };
const effect = { enum: [...effects] };
const pointers = { type: 'array', minItems: 1, maxItems: 1000, items: { type: 'string', pattern: '^/' } };

/** A closed map of these properties. */
function closed(properties: Readonly<Record<string, JsonValue>>, required: readonly string[] = []): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** A map from names to one kind of value. */
function mapOf(names: string, values: JsonValue): JsonObject {
  return { type: 'object', propertyNames: { pattern: names }, additionalProperties: values };
}

function described(description: string, schema: JsonObject): JsonObject {
  return { ...schema, description };
}

const lifetime = closed({ 'max-lifetime': duration }, ['max-lifetime']);

function address(port: number): JsonObject {
  return closed({
    host: described('Address to listen on; another one than loopback only with tls.', {
      ...text,
      default: '127.0.0.1',
    }),
    port: { type: 'integer', minimum: 0, maximum: 65_535, default: port },
    'host-names': { type: 'array', maxItems: 100, items: text },
    tls: closed({ cert: file, key: file }, ['cert', 'key']),
  });
}

const place: JsonObject = {
  description: 'Where the credential goes in each request.',
  anyOf: [
    { enum: ['bearer', 'basic'] },
    closed({ header: text, prefix: { type: 'string', maxLength: 100 } }, ['header']),
    closed({ query: text }, ['query']),
    closed({ cookie: text }, ['cookie']),
  ],
};

const trust: JsonObject = {
  description: 'Why the peer is believed.',
  anyOf: [{ enum: ['system', 'loopback'] }, closed({ ca: file }, ['ca'])],
  default: 'system',
};

const addresses = described('CIDRs of private ranges that the host may resolve to.', { type: 'array', items: text });

const httpService = closed(
  {
    type: { const: 'http' },
    url: { type: 'string', pattern: '^https?://', maxLength: 2000 },
    credential: described('A key of `credentials`, or `none`.', { type: 'string', pattern: ids }),
    place,
    trust,
    addresses,
  },
  ['type', 'url', 'credential'],
);

const sqliteService = closed({ type: { const: 'sqlite' }, file }, ['type', 'file']);

const postgresService = closed(
  {
    type: { const: 'postgres' },
    host: { type: 'string', maxLength: 253 },
    port: { type: 'integer', minimum: 1, maximum: 65_535, default: 5432 },
    database: { type: 'string', minLength: 1, maxLength: 63 },
    'search-path': described('Schemas after `pg_catalog`.', {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: text,
      default: ['public'],
    }),
    credential: described('A key of `credentials`.', { type: 'string', pattern: ids }),
    trust,
    addresses,
  },
  ['type', 'host', 'database', 'credential'],
);

const service: JsonObject = {
  type: 'object',
  required: ['type'],
  properties: { type: { enum: ['http', 'sqlite', 'postgres'] } },
  allOf: [ofType('http', httpService), ofType('sqlite', sqliteService), ofType('postgres', postgresService)],
};

function ofType(type: string, schema: JsonObject): JsonObject {
  return { anyOf: [{ not: { properties: { type: { const: type } } } }, schema] };
}

const credential = closed({ kind: { enum: [...credentialKinds] }, 'max-lifetime': duration }, ['kind', 'max-lifetime']);

const nested: Readonly<Record<string, JsonValue>> = {
  type: { anyOf: [{ enum: [...schemaTypes] }, { type: 'array', items: { enum: [...schemaTypes] } }] },
  items: { $ref: '#/$defs/value' },
  properties: { type: 'object', additionalProperties: { $ref: '#/$defs/value' } },
  additionalProperties: { const: false },
  enum: { type: 'array', minItems: 1 },
  format: { enum: ['date', 'date-time', 'uuid'] },
};
const keywords = Object.fromEntries([...schemaKeywords.keys()].map((name) => [name, nested[name] ?? true]));

const http = closed(
  {
    method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    path: described('`{name}` is an input, and always a whole segment.', { type: 'string', pattern: '^/' }),
    query: { type: 'object' },
    headers: { type: 'object' },
    body: true,
    form: { type: 'object' },
    'idempotency-header': text,
  },
  ['method', 'path'],
);

const reply: JsonObject = {
  description: 'What of the reply the agent sees.',
  anyOf: [
    { enum: ['none', 'all'] },
    pointers,
    closed({ fields: pointers, rows, bytes, headers: { type: 'array', maxItems: 50, items: text } }, ['fields']),
    closed({ rows, bytes }, ['rows']),
  ],
};

const operation: JsonObject = {
  ...closed(
    {
      service: { type: 'string', pattern: ids },
      effect: described('`destroy` cannot be undone.', effect),
      description: described('What agents read about it.', { type: 'string', minLength: 1, maxLength: 1024 }),
      input: mapOf(inputNames, closed({ ...keywords, optional: { type: 'boolean' } })),
      http,
      sql: described('One statement; inputs are bound as `:name`.', {
        type: 'string',
        minLength: 1,
        maxLength: 65_536,
      }),
      reply,
      timeout: { ...duration, default: '10s' },
    },
    ['service', 'effect', 'description', 'reply'],
  ),
  oneOf: [{ required: ['http'] }, { required: ['sql'] }],
};

const where = { ...mapOf(inputNames, { type: 'object' }), minProperties: 1 };

const grantOptions = {
  ...closed({
    where,
    rate: { type: 'string', pattern: '^[1-9][0-9]{0,4}/(s|m|h|d)$', examples: ['10/h'] },
    during: closed({ days: { type: ['string', 'array'] }, from: text, to: text, zone: text }, ['from', 'to', 'zone']),
    effect,
    approval: { enum: ['none', 'required'], default: 'none' },
  }),
  minProperties: 1,
};

function rules(options: JsonObject): JsonObject {
  const withOptions = { ...mapOf(operationOrPrefix, options), minProperties: 1, maxProperties: 1 };
  return {
    type: 'array',
    maxItems: 1000,
    items: { anyOf: [{ type: 'string', pattern: operationOrPrefix }, withOptions] },
  };
}

const agent = closed(
  {
    token: lifetime,
    session: lifetime,
    local: described('Whether it may come over the local socket without a token.', { type: 'boolean', default: false }),
    effect: described('Ceiling of all its calls.', { ...effect, default: 'write' }),
    may: rules(grantOptions),
    'may-not': rules(closed({ where }, ['where'])),
  },
  ['token', 'session'],
);

/** The schema that `sallyport schema` prints: JSON Schema 2020-12. */
export function configSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'sallyport.yaml',
    description: 'What agents may do, and with which credential. Holds no secret.',
    ...closed({
      listen: address(7420),
      metrics: described('Where metrics are read, with the token of `sallyport metrics token`.', address(9464)),
      services: mapOf(ids, service),
      credentials: mapOf(ids, credential),
      operations: mapOf(operationIds, operation),
      agents: mapOf(ids, agent),
    }),
    $defs: { value: closed(keywords) },
  };
}
