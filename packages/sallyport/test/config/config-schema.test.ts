// The schema for editors takes what the loader takes, and refuses what an editor can see to be wrong.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/config-schema.ts';
import { schemaKeywords } from '../../src/config/schema-keywords.ts';
import { initGithub } from '../../src/config/templates/init-github.ts';
import { initHttp } from '../../src/config/templates/init-http.ts';
import { initPostgres } from '../../src/config/templates/init-postgres.ts';
import { initSqlite } from '../../src/config/templates/init-sqlite.ts';
import { problemsOf } from './config-text.ts';

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(configSchema());
const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const examples = [...read('docs/config.md').matchAll(/^```yaml sallyport\n([\s\S]*?)^```$/gm)].map(
  ([, text]) => text ?? '',
);
const good = [
  ...examples,
  initHttp(),
  initSqlite(),
  initPostgres(),
  initGithub(),
  read('examples/shop/sallyport.yaml'),
  read('examples/shop-postgres/sallyport.yaml'),
];

function faults(text: string): unknown {
  return validate(parse(text)) ? [] : validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the schema of the config', () => {
  it.each(good.map((text, index) => [index + 1, text] as const))('takes config %i of docs and templates', (_, text) => {
    expect(faults(text)).toEqual([]);
  });

  it('knows every keyword of inputs', () => {
    for (const keyword of schemaKeywords.keys()) expect(JSON.stringify(configSchema())).toContain(`"${keyword}"`);
  });

  const bad: readonly (readonly [string, string | RegExp, string])[] = [
    ['an unknown section', /^services:/m, 'servcies:'],
    ['an unknown key of a service', '    url:', '    uri:'],
    ['an unknown type of service', 'type: http', 'type: ftp'],
    ['an unknown place', 'place: bearer', 'place: header'],
    ['an unknown kind', 'kind: token', 'kind: key'],
    ['a lifetime without a unit', 'max-lifetime: 90d', 'max-lifetime: 90'],
    ['an unknown effect', 'effect: read ', 'effect: reads '],
    ['a missing reply', /^ {4}reply: .*\n/m, ''],
    ['a reply that is no pointer', '[/number, ', '[number, '],
    ['an unknown method', 'method: GET', 'method: FETCH'],
    ['an unknown keyword of an input', 'maxLength: 39', 'max: 39'],
    ['a rate without a unit', 'rate: 30/m', 'rate: 30'],
    ['a grant of nothing', 'may:', 'may: 3\n    x:'],
    ['an id with upper case', /^ {2}github:\n {4}type/m, '  GitHub:\n    type'],
    ['http beside sql', '    http:\n', '    sql: select 1\n    http:\n'],
  ];
  it.each(bad)('refuses %s, as the loader does', (_, from, to) => {
    const text = initHttp().replace(from, to);
    expect(text).not.toBe(initHttp());
    expect(faults(text)).not.toEqual([]);
    expect(problemsOf(text)).not.toEqual([]);
  });
});
