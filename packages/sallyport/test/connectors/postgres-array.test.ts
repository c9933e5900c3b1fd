// Arrays come as text; what is not exactly one is refused.
import { describe, expect, it } from 'vitest';
import { parseArray } from '../../src/connectors/postgres-array.ts';

describe('the text of an array', () => {
  it.each([
    ['{}', []],
    ['{1,2}', ['1', '2']],
    ['{NULL,"NULL",null}', [null, 'NULL', 'null']],
    ['{"a,b","c\\"d","e\\\\f","{}"}', ['a,b', 'c"d', 'e\\f', '{}']],
    [
      '{{1,2},{3,4}}',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['[0:1]={a,b}', ['a', 'b']],
    ['{""}', ['']],
  ])('%s is read', (text, array) => {
    expect(parseArray(text)).toEqual(array);
  });

  it.each(['', '{', '{1', '{1,}', '{1}}', '{1}x', '{"a}', '{{{{{{{1}}}}}}}', 'x{1}'])('%j is refused', (text) => {
    expect(parseArray(text)).toBeUndefined();
  });
});
