// Turns the inputs that an operation declares into one closed schema and its validator, or says everything that is wrong.
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import { once } from '../domain/once.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import type { Validation } from './catalogue.ts';
import { closeSchema, inputsSchema, isArray, isObject } from './close-schema.ts';
import { copyInput, fillDefaults } from './copy-input.ts';
import { createInputValidator } from './input-validator.ts';
import { createSchemaCompiler, type SchemaCheck, type SchemaCompiler } from './schema-compiler.ts';

/** The inputs of one operation, as calls use them. */
export interface RunnableInputs {
  /** The closed schema that agents see. */
  readonly schema: JsonObject;
  readonly validate: (input: JsonValue) => Validation;
}

/** The inputs of one operation, checked. */
export interface CompiledInputs extends RunnableInputs {
  /** The check of each input alone, by name. */
  readonly checks: ReadonlyMap<string, SchemaCheck>;
}

/** The compiled inputs, or their problems. */
export type InputsOutcome =
  | { readonly ok: true; readonly inputs: CompiledInputs }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The two uses of a compiler. What is checked once is dropped with its own; what calls need is compiled when the first one comes. */
export interface SchemaCompilers {
  readonly checking: SchemaCompiler;
  readonly running: SchemaCompiler;
  /** Closed schemas by what was written: operations of one config say much the same. */
  readonly closed: Map<string, JsonObject>;
}

/** Compilers for one catalogue, so that a replaced one leaves nothing behind. */
export function createSchemaCompilers(): SchemaCompilers {
  // A proven config is not checked, and making a compiler takes some tens of milliseconds.
  const checking = once(() => createSchemaCompiler('checking'));
  const running = once(() => createSchemaCompiler('running'));
  return {
    get checking() {
      return checking();
    },
    get running() {
      return running();
    },
    closed: new Map(),
  };
}

/** Compiles the inputs of an operation; problems carry paths from the document's root. */
export function compileInputs(definition: OperationDefinition, compilers: SchemaCompilers): InputsOutcome {
  const checks = new Map<string, SchemaCheck>();
  const { closed, problems } = closeInputs(definition, compilers.closed);
  for (const [name, schema] of Object.entries(closed)) {
    const path = ['operations', definition.id, 'input', name];
    const check = compileChecked(schema, { path, compiler: compilers.checking, problems });
    if (check !== undefined) checks.set(name, check);
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, inputs: { ...runnable(definition, closed, compilers), checks } };
}

/** The inputs of an operation of a proven config: nothing is done before they are first used. */
export function provenInputs(definition: OperationDefinition, compilers: SchemaCompilers): RunnableInputs {
  const inputs = once(() => {
    const { closed, problems } = closeInputs(definition, compilers.closed);
    if (problems.length > 0) throw new TypeError('the inputs of a proven config have problems');
    return runnable(definition, closed, compilers);
  });
  return {
    get schema() {
      return inputs().schema;
    },
    validate: (input) => inputs().validate(input),
  };
}

function runnable(
  definition: OperationDefinition,
  closed: Readonly<Record<string, JsonObject>>,
  compilers: SchemaCompilers,
): RunnableInputs {
  const required = Object.keys(closed).filter((name) => !definition.optionalInputs.includes(name));
  const schema = inputsSchema(closed, required);
  const validate = once(() => createInputValidator(schema, compilers.running.compile(schema)));
  return { schema, validate: (input) => validate()(input) };
}

interface ClosedInputs {
  readonly closed: Readonly<Record<string, JsonObject>>;
  readonly problems: Problem[];
}

function closeInputs(definition: OperationDefinition, known: Map<string, JsonObject>): ClosedInputs {
  const problems: Problem[] = [];
  const closed: Record<string, JsonObject> = {};
  for (const [name, written] of Object.entries(definition.input)) {
    const path = ['operations', definition.id, 'input', name];
    if (name === '__proto__') {
      problems.push({ severity: 'error', path, message: 'this name is not allowed; rename the input' });
      continue;
    }
    const text = JSON.stringify(written);
    const same = known.get(text);
    const outcome =
      same === undefined ? closeSchema(withoutOptional(written), path) : ({ ok: true, schema: same } as const);
    if (!outcome.ok) {
      problems.push(...outcome.problems);
      continue;
    }
    known.set(text, outcome.schema);
    closed[name] = outcome.schema;
  }
  return { closed, problems };
}

interface Place {
  readonly path: ConfigPath;
  readonly compiler: SchemaCompiler;
  readonly problems: Problem[];
}

// Defaults are filled in without asking the agent, and values that are listed must be usable: both are checked here, once.
function compileChecked(schema: JsonObject, place: Place): SchemaCheck | undefined {
  const { path, compiler, problems } = place;
  let check: SchemaCheck;
  try {
    check = compiler.compile(schema);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    problems.push({ severity: 'error', path, message: `this is not a valid JSON Schema: ${reason}` });
    return undefined;
  }
  const { default: fallback, const: constant, enum: allowed } = schema;
  const values: (readonly [string, JsonValue | undefined])[] = [
    ['default', fallback],
    ['const', constant],
  ];
  if (isArray(allowed)) values.push(...allowed.map((value) => ['enum', value] as const));
  for (const [keyword, value] of values) {
    if (value === undefined || fits(value, schema, check)) continue;
    problems.push({ severity: 'error', path: [...path, keyword], message: 'the value does not fit its own schema' });
  }
  for (const [inner, at] of innerSchemas(schema)) compileChecked(inner, { ...place, path: [...path, ...at] });
  return check;
}

/** Whether a value passes the check of its schema, defaults filled in. */
export function fits(value: JsonValue, schema: JsonObject, check: SchemaCheck): boolean {
  const copied = copyInput(value);
  if (!copied.ok) return false;
  fillDefaults(copied.value, schema);
  return check(copied.value).length === 0;
}

function innerSchemas(schema: JsonObject): readonly (readonly [JsonObject, ConfigPath])[] {
  const found: (readonly [JsonObject, ConfigPath])[] = [];
  const { properties, items } = schema;
  if (isObject(properties)) {
    for (const [name, inner] of Object.entries(properties)) {
      if (isObject(inner)) found.push([inner, ['properties', name]]);
    }
  }
  if (isObject(items)) found.push([items, ['items']]);
  return found;
}

// `optional` belongs to the declaration of the input, not to its schema.
function withoutOptional(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== 'optional'));
}
