// docs/errors.md is what people read when something is refused: it lists every code as the table has it, and no other.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/domain/errors.ts';

const text = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (\w+) \| (.+) \| (.+) \|$/gm)].map(
  ([, code, status, fault, meaning, next]) => ({ code, status: Number(status), fault, meaning, next }),
);

describe('docs/errors.md', () => {
  it('lists the codes of the table, in its order, with status and fault', () => {
    const listed = rows.map(({ code, status, fault }) => ({ code, status, fault }));
    expect(listed).toEqual(Object.entries(errorCodes).map(([code, facts]) => ({ code, ...facts })));
  });

  it('says for each code what it means and what to do next', () => {
    expect(rows.filter(({ meaning, next }) => (meaning ?? '').length < 10 || (next ?? '').length < 8)).toEqual([]);
  });

  it('names every path of the agents’ door, and says that a held call is no problem', () => {
    for (const path of ['/mcp', '/v1/operations', '/v1/operations/{id}/call', '/v1/approvals/{id}', '/healthz']) {
      expect(text).toContain(`\`${path}\``);
    }
    expect(text).toMatch(/its answer is 202 with `application\/json`/);
  });

  it('names no code that does not exist', () => {
    const kinds = 'REQUEST|TOKEN|SESSION|OPERATION|INPUT|CALL|IDEMPOTENCY|CREDENTIAL|UPSTREAM|AUDIT|STATE|STORE|VAULT';
    const named = [...text.matchAll(new RegExp(`\\b(?:${kinds})_[A-Z_]+\\b`, 'g'))].map(([code]) => code);
    expect(named.filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([]);
  });
});
