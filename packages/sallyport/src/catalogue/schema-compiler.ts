// JSON Schema 2020-12 through ajv, with everything taken out that could fetch, loop, coerce, backtrack or call into the input.
import { Ajv2020, type ErrorObject, str } from 'ajv/dist/2020.js';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import { compilePattern } from '../policy/linear-pattern.ts';
import { isArray, isObject } from './close-schema.ts';
import type { OwnedValue } from './copy-input.ts';
import { formats } from './formats.ts';

/** A compiled check: what does not fit, in the words of the schema. */
export type SchemaCheck = (value: OwnedValue) => readonly ErrorObject[];

/** Compiles schemas; make one for each catalogue, so that a replaced catalogue leaves nothing behind. */
export interface SchemaCompiler {
  /** @throws Error when the schema is not valid; its message names keywords only */
  compile(schema: JsonObject): SchemaCheck;
}

const none: readonly ErrorObject[] = [];

/** What a compiler is for: schemas that nobody has looked at yet, or those that calls run on, all of them checked before. */
export type SchemaPurpose = 'checking' | 'running';

/** A compiler with its own cache: of schemas that say the same, one is compiled. */
export function createSchemaCompiler(purpose: SchemaPurpose): SchemaCompiler {
  const caps: TextCaps = new Map();
  const linearExpression = linearExpressions(caps);
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTuples: false,
    allowUnionTypes: true,
    allErrors: true,
    // 19.99 is a multiple of 0.01, though no double says so.
    multipleOfPrecision: 9,
    ownProperties: true,
    addUsedSchema: false,
    coerceTypes: false,
    useDefaults: false,
    removeAdditional: false,
    validateFormats: true,
    // Schemas are in part the text of others: nothing of them goes to the console.
    logger: false,
    // The schema of schemas is the largest of all, and only the first look needs it.
    ...(purpose === 'running' && { meta: false, validateSchema: false }),
    code: {
      // A check that runs a few times does not earn back what optimising it costs.
      optimize: purpose === 'running',
      regExp: Object.assign(linearExpression, { code: 'linearExpression' }),
    },
  });
  for (const [name, validate] of Object.entries(formats)) ajv.addFormat(name, { type: 'string', validate });
  addComparisons(ajv);
  addMaxLength(ajv);
  const known = new Map<string, SchemaCheck>();
  return {
    compile: (schema) => {
      noteCaps(schema, caps);
      const text = JSON.stringify(schema);
      const same = known.get(text);
      if (same !== undefined) return same;
      const validate = ajv.compile(schema);
      const check: SchemaCheck = (value) => (validate(value) ? none : (validate.errors ?? none));
      known.set(text, check);
      return check;
    },
  };
}

// ajv's own comparison calls valueOf and toString of what it compares, and a caller's object may have keys of that name.
function addComparisons(ajv: Ajv2020): void {
  for (const keyword of ['const', 'enum', 'uniqueItems']) ajv.removeKeyword(keyword);
  ajv.addKeyword({
    keyword: 'const',
    error: { message: 'must be equal to the constant of the schema' },
    compile: (allowed: JsonValue) => isOneOf([allowed]),
  });
  ajv.addKeyword({
    keyword: 'enum',
    schemaType: 'array',
    error: { message: 'must be one of the values of the schema' },
    compile: (allowed: readonly JsonValue[]) => isOneOf(allowed),
  });
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have two equal items' },
    compile: (isUnique: boolean) => (items: JsonValue) =>
      !isUnique || !isArray(items) || new Set(items.map(canonicalJson)).size === items.length,
  });
}

// ajv's own counts the characters of every text; most are short enough by their UTF-16 units alone.
function addMaxLength(ajv: Ajv2020): void {
  ajv.removeKeyword('maxLength');
  ajv.addKeyword({
    keyword: 'maxLength',
    type: 'string',
    schemaType: 'number',
    error: { message: ({ schemaCode }) => str`must NOT have more than ${schemaCode} characters` },
    compile: (most: number) => (text: string) =>
      text.length <= most || (text.length <= 2 * most && characterCount(text) <= most),
  });
}

function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function isOneOf(allowed: readonly JsonValue[]): (value: JsonValue) => boolean {
  const texts = new Set(allowed.map(canonicalJson));
  return (value) => texts.has(canonicalJson(value));
}

/** The longest text that each pattern is searched in: longer ones have failed their `maxLength` already. */
type TextCaps = Map<string, number>;

// Where the length is bounded by an enum or a format, it is by far below this.
const defaultCap = 1024;

// All errors are asked for at once, so that a pattern would run on a text that is too long as well.
function noteCaps(schema: JsonValue, caps: TextCaps): void {
  if (isArray(schema)) for (const each of schema) noteCaps(each, caps);
  else if (isObject(schema)) {
    const { pattern, maxLength } = schema;
    if (typeof pattern === 'string') {
      const cap = typeof maxLength === 'number' ? maxLength : defaultCap;
      caps.set(pattern, Math.max(cap, caps.get(pattern) ?? 0));
    }
    for (const each of Object.values(schema)) noteCaps(each, caps);
  }
}

// ajv tells patterns apart by their text form only: without this toString every pattern would be the first one.
function linearExpressions(caps: TextCaps) {
  return (source: string): { test(text: string): boolean; toString(): string } => {
    const compiled = compilePattern(source);
    if (!compiled.ok) throw new Error('a pattern is not linear');
    // A character is up to two UTF-16 units.
    const isShort = (text: string): boolean => text.length <= 2 * (caps.get(source) ?? defaultCap);
    return { test: (text) => isShort(text) && compiled.test(text), toString: () => `/${source}/` };
  };
}
