// The operator's log: one line a fact, with nothing in it that a terminal would obey.
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../src/domain/errors.ts';
import { createLogger } from '../../src/log/logger.ts';

function lineFor(cause: unknown): string {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) }, (line) => line.replaceAll('hunter2', '[secret]'));
  log.refusal({ call: 'c-1', agent: 'bot', operation: 'a.b', code: 'INTERNAL', reason: null, cause });
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

describe('a line of the log', () => {
  it.each(['\u009b31m', '\u007f', '\u0085', '\u2028', '\u2029', '\u202e', '\u200b', '\u001b[2J', '\n', '\u{e0041}'])(
    'A01: holds %j as an escape, and means the same',
    (hostile) => {
      const line = lineFor(new Error(`abc${hostile}def`));
      expect(line).toMatch(/^[\x20-\x7e]+\n$/);
      expect(JSON.parse(line)).toMatchObject({ code: 'INTERNAL', cause: `Error: abc${hostile}def` });
    },
  );

  it('has registered values taken out of causes', () => {
    const cause = new SallyportError('INTERNAL', 'failed', { cause: new Error('with hunter2') });
    expect(JSON.parse(lineFor(cause)).cause).toBe('INTERNAL: failed <- Error: with [secret]');
  });
});
