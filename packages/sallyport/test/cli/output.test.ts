// What commands print: whatever a row holds, a terminal gets text and our own styles.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentView, ApprovalView, CredentialView } from '../../src/admin/client-shapes.ts';
import { agentTable } from '../../src/cli/commands/agent.ts';
import { approvalTable } from '../../src/cli/commands/approval.ts';
import { credentialTable } from '../../src/cli/commands/credential.ts';
import { jsonText, linesText, table } from '../../src/cli/output.ts';

const link = '\u001b]8;;https://evil.example\u0007row\u001b]8;;\u0007';
const hostile = `${link}\u009b2J\u202e\n7   agent`;
const shown = String.raw`\u{1b}]8;;https://evil.example\u{7}row\u{1b}]8;;\u{7}\u{9b}2J\u{202e}\u{a}7`;
const approval: ApprovalView = {
  id: 'a-1',
  agent: hostile,
  operation: hostile,
  state: 'pending',
  rule: 'agents.bot.may[0]',
  requestedAtMs: 0,
  expiresAtMs: 60_000,
  effect: 'write',
  description: null,
  service: null,
  request: null,
  isOutdated: false,
};
const agent: AgentView = {
  id: hostile,
  state: 'ready',
  isDeclared: true,
  isLocal: false,
  operations: 1,
  tokenCreatedAtMs: null,
  tokenDueAtMs: null,
  session: null,
  sessionState: null,
  sessionEndsAtMs: null,
};
const credential: CredentialView = {
  id: hostile,
  kind: hostile,
  service: hostile,
  state: 'ready',
  isWeak: false,
  version: 1,
  maxLifetimeMs: null,
  target: null,
  addedAtMs: null,
  dueAtMs: null,
};

describe('A01: what is printed', () => {
  it.each([
    ['approvals', () => approvalTable([approval])],
    ['agents', () => agentTable([agent])],
    ['credentials', () => credentialTable([credential])],
  ])('is two lines for a table of one row, whatever the row holds: %s', (_, lines) => {
    const text = linesText(lines(), process.stdout);
    expect(text).toContain(shown);
    // The columns are as wide as what is shown.
    expect(text.split('\n').map(withoutStyles)).toEqual([expect.any(String), expect.any(String), '']);
    expect(withoutStyles(text)).not.toMatch(/[^\n\x20-\x7e]/);
  });

  it('has no cell that looks like two', () => {
    expect(table(['A', 'B'], [['x  y', 'z']])[1]).toBe(String.raw`x\u{20}\u{20}y  z`);
  });

  it('is the same line where data brought a line break along', () => {
    expect(linesText([`service     ${hostile}`, 'due'], process.stdout)).toBe(`service     ${shown}   agent\ndue\n`);
  });

  it('has styles of ours only, also in a part that has one', () => {
    const text = linesText([[{ style: 'red', text: link }, link]], process.stdout);
    expect(withoutStyles(text)).toMatch(/^[\x20-\x7e]+\n$/);
  });

  it('is JSON that hides nothing and means the same', () => {
    const text = jsonText({ agent: hostile });
    expect(text).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(text)).toEqual({ agent: hostile });
  });

  it('goes through one file', () => {
    const folder = join(import.meta.dirname, '../../src/cli');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const writers = files.filter((name) => {
      return /std(?:out|err)\.write|console\.|styleText/.test(readFileSync(join(folder, name), 'utf8'));
    });
    expect(writers).toEqual(['output.ts']);
  });
});

function withoutStyles(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the styles of the table's own header
  return text.replaceAll(/\u001b\[\d+m/g, '');
}
