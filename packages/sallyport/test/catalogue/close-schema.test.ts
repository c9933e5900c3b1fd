// A schema that could let an undeclared value through, or stall or fetch, is a problem at its place in the config.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json-value.ts';
import { inputsOf, problemsOf } from './inputs.ts';

describe('schemas of inputs', () => {
  it('B6: closes every object, in properties, items and branches', () => {
    const { schema } = inputsOf({
      a: { type: 'object', properties: { b: { type: 'array', items: { type: 'object', properties: {} } } } },
      c: { anyOf: [{ type: 'null' }, { type: 'object', properties: { d: { type: 'integer' } } }] },
    });
    expect(JSON.stringify(schema).match(/"additionalProperties":false/g)).toHaveLength(4);
  });

  it('leaves required out for inputs that are optional, and takes `optional` out of the schema', () => {
    const { schema } = inputsOf({ a: { type: 'integer' }, b: { type: 'integer', optional: true } }, ['b']);
    expect(schema).toEqual({
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    });
  });

  it.each<readonly [string, JsonObject]>([
    ['$ref', { $ref: 'https://evil.example/schema.json' }],
    ['$ref', { type: 'object', $ref: '#' }],
    ['$dynamicRef', { type: 'string', $dynamicRef: '#x' }],
    ['$defs', { type: 'string', $defs: {} }],
    ['$id', { type: 'string', $id: 'https://evil.example/' }],
    ['patternProperties', { type: 'object', patternProperties: { '(a+)+': { type: 'string' } } }],
    ['unevaluatedProperties', { type: 'object', unevaluatedProperties: true }],
    ['x-extension', { type: 'string', 'x-extension': 1 }],
  ])('A7: refuses %s', (keyword, schema) => {
    expect(problemsOf({ a: schema })).toContain(
      `input.a.${keyword}: this keyword is not supported in inputs; remove it`,
    );
  });

  it('B6: refuses an object that is written open', () => {
    expect(problemsOf({ a: { type: 'object', additionalProperties: true } })).toEqual([
      'input.a.additionalProperties: inputs are closed; write additionalProperties: false, or leave it out',
    ]);
  });

  it('B5: refuses a schema that takes any value', () => {
    const message = 'the schema takes any value; write a type, an enum or a const';
    expect(problemsOf({ a: {} })).toEqual([`input.a: ${message}`]);
    expect(problemsOf({ a: { type: 'array', items: { minLength: 1 } } })).toEqual([`input.a.items: ${message}`]);
    expect(problemsOf({ a: { anyOf: [{ type: 'string' }, {}] } })).toContain(`input.a: ${message}`);
    expect(problemsOf({ a: { not: { type: 'string' } } })).toEqual([`input.a: ${message}`]);
  });

  it('B5: refuses a list of any elements', () => {
    for (const schema of [{ type: 'array' }, { type: ['array', 'null'], items: true }, { type: 'array', items: [] }]) {
      expect(problemsOf({ a: schema })).toContain('input.a: the list takes any elements; write items');
    }
  });

  it('refuses objects in allOf and not, where closing would change what they mean', () => {
    const message = 'an object schema cannot stand in allOf or not; write it out';
    expect(problemsOf({ a: { type: 'object', allOf: [{ properties: {} }] } })).toContain(`input.a.allOf.0: ${message}`);
    expect(problemsOf({ a: { type: 'object', not: { type: 'object' } } })).toContain(`input.a.not: ${message}`);
  });

  it('A7: refuses nesting without end', () => {
    let schema: JsonObject = { type: 'string' };
    for (let level = 0; level < 10_000; level += 1) schema = { type: 'array', items: schema };
    expect(problemsOf({ a: schema })[0]).toMatch(/nested too deeply/);
  });

  it('A7: refuses a pattern that is not linear, at its place', () => {
    for (const pattern of ['(?=a)b', '(a)\\1', '(?<!a)b', '[', 'a{1,100000}', 'a'.repeat(2000)]) {
      const problems = problemsOf({ a: { type: 'array', items: { type: 'string', pattern } } });
      expect(problems).toEqual([expect.stringMatching(/^input\.a\.items\.pattern: the pattern /)]);
    }
  });

  it('A7: refuses a format that it does not know', () => {
    expect(problemsOf({ a: { type: 'string', format: 'email' } })).toEqual([
      'input.a.format: this format is not known; write one of date, date-time, uuid, or a pattern',
    ]);
  });

  it('refuses what is not a JSON Schema', () => {
    expect(problemsOf({ a: { type: 'text' } })).toEqual([
      expect.stringMatching(/^input\.a: this is not a valid JSON Schema: /),
    ]);
    expect(problemsOf({ a: { type: 'string', minLength: -1 } })).toEqual([
      expect.stringMatching(/not a valid JSON Schema/),
    ]);
    expect(problemsOf({ a: { type: 'string', minimum: 1 } })).toEqual([
      expect.stringMatching(/not a valid JSON Schema/),
    ]);
  });

  it('refuses a default, a const and values of an enum that do not fit their own schema', () => {
    const message = 'the value does not fit its own schema';
    expect(problemsOf({ a: { type: 'integer', maximum: 5, default: 6 } })).toEqual([`input.a.default: ${message}`]);
    expect(problemsOf({ a: { type: 'string', const: 1 } })).toEqual([`input.a.const: ${message}`]);
    expect(problemsOf({ a: { type: 'string', enum: ['a', 1] } })).toEqual([`input.a.enum: ${message}`]);
    expect(problemsOf({ a: { type: 'object', properties: { b: { type: 'integer', default: 'x' } } } })).toEqual([
      `input.a.properties.b.default: ${message}`,
    ]);
  });

  it('B2: refuses an input of the name __proto__', () => {
    expect(problemsOf(JSON.parse('{"__proto__":{"type":"string"}}'))).toEqual([
      'input.__proto__: this name is not allowed; rename the input',
    ]);
  });
});
