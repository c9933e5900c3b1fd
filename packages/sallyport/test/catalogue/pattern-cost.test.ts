// Contract: a text that is too long for its schema is never searched for a pattern, however costly the pattern is (V01).
import { describe, expect, it } from 'vitest';
import { createSchemaCompiler } from '../../src/catalogue/schema-compiler.ts';

describe('a pattern', () => {
  it('V01: is not run on a text beyond its maxLength', () => {
    const check = createSchemaCompiler('checking').compile({
      type: 'string',
      maxLength: 64,
      pattern: '([a-z0-9]{1,30}-){1,5}[0-9]$',
    });
    const startedAt = performance.now();
    expect(check('a'.repeat(1_000_000)).map(({ keyword }) => keyword)).toContain('maxLength');
    const long = performance.now() - startedAt;
    const shortStart = performance.now();
    for (let nth = 0; nth < 100; nth += 1) check(`${'a'.repeat(50)}${nth}`);
    // The long text costs a look at its length, not a search: a search of it took a second and more.
    expect(long).toBeLessThan(1000 + performance.now() - shortStart);
  });
});
