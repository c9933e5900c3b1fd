// Whatever stands in the file, loading ends with a config or with problems that have a place; it never throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load-config.ts';
import { initKinds, initTemplate } from '../../src/config/templates/init-template.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { configFile, sourceAt } from './config-text.ts';

const templates = initKinds.map(initTemplate);
const scraps = fc.oneof(
  fc.constantFrom(
    '[]',
    '{}',
    'null',
    '-1',
    '"$x"',
    '*a',
    '&a b',
    '!t x',
    '{ a: 1 }',
    '[1, [2]]',
    '""',
    'true',
    '.inf',
    '..',
  ),
  fc.string({ maxLength: 8 }),
  fc.json({ maxDepth: 2 }),
);

function endsWell(text: string): void {
  const result = parseConfig(text, sourceAt(configFile));
  const problems = result.ok ? result.warnings : result.problems;
  const lines = text.split('\n').length;
  for (const { line, column, message } of problems) {
    expect(line >= 1 && line <= lines && column >= 1 && message !== '').toBe(true);
  }
  if (!result.ok) expect(problems.some(({ severity }) => severity === 'error')).toBe(true);
  else for (const agent of result.config.agents.values()) compilePolicy(agent);
}

describe('any text', () => {
  it('ends well when a value of a good config is replaced', () => {
    fc.assert(
      fc.property(fc.constantFrom(...templates), fc.nat(), scraps, (template, at, scrap) => {
        const lines = template.split('\n');
        const index = at % lines.length;
        const line = lines[index] ?? '';
        endsWell(
          lines
            .with(
              index,
              line.replace(/: .*$/, () => `: ${scrap}`),
            )
            .join('\n'),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('ends well when a piece of a good config is replaced', () => {
    fc.assert(
      fc.property(fc.constantFrom(...templates), fc.nat(), fc.nat(30), scraps, (template, at, length, scrap) => {
        const start = at % template.length;
        endsWell(template.slice(0, start) + scrap + template.slice(start + length));
      }),
      { numRuns: 500 },
    );
  });

  it('ends well when it is no config at all', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), endsWell));
    fc.assert(fc.property(fc.json(), endsWell));
  });
});
