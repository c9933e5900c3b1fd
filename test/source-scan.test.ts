// The layer test is worth what its scanner finds: every way to name a module, and none in comments or strings.
import { describe, expect, it } from 'vitest';
import { importsOf, tokenize } from './source-scan.ts';

const found = (source: string) => importsOf(tokenize(source)).map(({ specifier, how }) => `${how} ${specifier}`);

describe('the source scanner', () => {
  it('finds static, type, side-effect, dynamic and re-exporting imports', () => {
    expect(
      found(`import a, { type B, c } from 'one';\nimport type { D } from "two";\nimport * as e from 'three'`),
    ).toEqual(['static one', 'type two', 'static three']);
    expect(
      found(`import 'four'; export * from 'five'; export type { F } from 'six'; export { g } from 'seven';`),
    ).toEqual(['static four', 'static five', 'type six', 'static seven']);
    expect(found(`const x = await import('eight'); type Y = import('nine').Z; import type from 'ten';`)).toEqual([
      'dynamic eight',
      'dynamic nine',
      'static ten',
    ]);
  });

  it('finds workers by either extension', () => {
    expect(
      found(`new Worker(new URL(import.meta.url.endsWith('.ts') ? './w.ts' : './w.js', import.meta.url))`),
    ).toEqual(['worker ./w.ts', 'worker ./w.ts']);
  });

  it('names a computed import as such', () => {
    expect(found('await import(name)')).toEqual(['dynamic (computed)']);
  });

  it('is not fooled by comments, strings, templates, regular expressions and exports without a source', () => {
    const source = [
      "// import 'a'",
      "/* import 'b' */",
      'const c = "import \'c\'";',
      "const d = `import 'd' ${\"}\"} ${`${1}`} from 'e'`;",
      "const f = /'import/g; const g = h / 2; import 'seen';",
      'export const from = 1; export { from }; export type T = string;',
      'x.import("i"); import.meta.url;',
    ].join('\n');
    expect(found(source)).toEqual(['static seen']);
  });

  it('finds an import inside a template', () => {
    expect(found("const a = `${await import('inner')}`")).toEqual(['dynamic inner']);
  });
});
