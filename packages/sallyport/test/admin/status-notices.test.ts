// What status says of credentials and agents: everything that is due or refused, with the command that helps.
import { describe, expect, it } from 'vitest';
import type { AgentView, CredentialView } from '../../src/admin/client-shapes.ts';
import { agentNotices, credentialNotices } from '../../src/admin/views/status-notices.ts';
import { localTime } from '../../src/domain/local-time.ts';

const nowMs = 1_000_000;
const agent: AgentView = {
  id: 'bot',
  isDeclared: true,
  isLocal: false,
  operations: 1,
  tokenCreatedAtMs: nowMs - 10_000,
  tokenDueAtMs: nowMs + 50_000,
  state: 'ready',
  session: null,
  sessionState: null,
  sessionEndsAtMs: null,
};
const credential: CredentialView = {
  id: 'api',
  kind: 'token',
  service: 'api',
  target: null,
  maxLifetimeMs: 60_000,
  version: 1,
  addedAtMs: nowMs - 10_000,
  dueAtMs: nowMs + 50_000,
  isWeak: false,
  state: 'ready',
};

describe('the notices on an agent', () => {
  it('are none when all is well', () => {
    expect(agentNotices({ ...agent, session: 's', sessionState: 'open', sessionEndsAtMs: nowMs + 1 }, nowMs)).toEqual(
      [],
    );
  });

  it.each<[Partial<AgentView>, string, string | null]>([
    [{ state: 'no-token', tokenDueAtMs: null }, 'has no token', 'agent add bot'],
    [{ state: 'token-expired' }, 'past its lifetime', 'agent renew bot'],
    [{ state: 'undeclared' }, 'not in the config', 'agent revoke bot'],
    [{ state: 'revoked', tokenDueAtMs: null }, 'was revoked, and its calls are refused', 'agent renew bot'],
    [{ tokenDueAtMs: nowMs + 900 }, `the token of agent bot ends at ${localTime(nowMs + 900)}`, 'agent renew bot'],
    [{ session: 's', sessionState: 'revoked' }, 'the session of agent bot was revoked', 'session open bot'],
    [{ isLocal: true, state: 'revoked', tokenDueAtMs: null }, 'was revoked', 'agent renew bot'],
    [{ isLocal: true }, 'needs no token on this machine', null],
  ])('name what is so (%j), and what to do', (change, what, remedy) => {
    const notices = agentNotices({ ...agent, ...change }, nowMs);
    expect(notices).toEqual([
      { what: expect.stringContaining(what), remedy: remedy === null ? null : expect.stringContaining(remedy) },
    ]);
  });
});

describe('the notices on a credential', () => {
  it('are none while it is far from its end', () => {
    expect(credentialNotices(credential, nowMs)).toEqual([]);
  });

  it.each<[Partial<CredentialView>, string, string | null]>([
    [{ state: 'missing', addedAtMs: null, dueAtMs: null }, 'has no value', 'credential add api'],
    [{ state: 'unreadable' }, 'does not open and is refused', 'credential add api'],
    [{ state: 'expired' }, 'past its maximum lifetime', 'credential add api'],
    [{ state: 'target-changed' }, 'sealed for another target', 'credential rebind api'],
    [{ state: 'undeclared' }, 'not in the config', 'credential remove api'],
    [{ dueAtMs: nowMs + 1_100 }, `ends at ${localTime(nowMs + 1_100)}`, 'credential add api'],
    [{ isWeak: true }, 'is weak', null],
  ])('name what is so (%j), and what to do', (change, what, remedy) => {
    expect(credentialNotices({ ...credential, ...change }, nowMs)).toEqual([
      { what: expect.stringContaining(what), remedy: remedy === null ? null : expect.stringContaining(remedy) },
    ]);
  });
});
