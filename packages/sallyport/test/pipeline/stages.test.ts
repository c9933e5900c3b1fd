// The order of the stages is held by the compiler: each line below that skips a stage must not compile.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { authorise } from '../../src/pipeline/authorise.ts';
import type { execute } from '../../src/pipeline/execute.ts';
import type { openCredential } from '../../src/pipeline/open-credential.ts';
import type { record } from '../../src/pipeline/record.ts';
import type { reply } from '../../src/pipeline/reply.ts';
import type { scrubReply } from '../../src/pipeline/scrub-reply.ts';
import type { Executed, Matched, Opened, Scrubbed, Stages, Validated } from '../../src/pipeline/stages.ts';

/** Never called: it is here to be compiled. */
export function wrongOrders(
  stages: Stages,
  at: { matched: Matched; validated: Validated; opened: Opened; executed: Executed; scrubbed: Scrubbed },
  stage: {
    authorise: typeof authorise;
    openCredential: typeof openCredential;
    execute: typeof execute;
    scrubReply: typeof scrubReply;
    record: typeof record;
    reply: typeof reply;
  },
): void {
  // @ts-expect-error: input is validated before anything is decided
  void stage.authorise(stages, at.matched);
  // @ts-expect-error: no credential opens without a durable intent
  void stage.openCredential(stages, at.validated);
  // @ts-expect-error: nothing is sent before the call was authorised
  void stage.execute(stages, at.validated);
  // @ts-expect-error: there is nothing to scrub before the service answered
  stage.scrubReply(at.opened);
  // @ts-expect-error: a reply is scrubbed before it is recorded
  void stage.record(stages, at.executed);
  // @ts-expect-error: the outcome is durable before the reply
  stage.reply(stages, at.scrubbed);
}

describe('the stages', () => {
  it('are called in handle-call.ts in fewer than 60 lines, one after another', () => {
    const source = readFileSync(new URL('../../src/pipeline/handle-call.ts', import.meta.url), 'utf8');
    expect(
      source.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length,
    ).toBeLessThan(60);
    const calls = [
      'authenticate(',
      'joinSession(',
      'matchOperation(',
      'validateInput(',
      'authorise(',
      'openCredential(',
      'execute(',
      'scrubReply(',
      'record(',
      'reply(',
    ];
    const places = calls.map((call) => source.indexOf(` ${call}`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('I4: issue the permit of a call in authorise.ts and nowhere else', () => {
    const issuing = [
      'authenticate',
      'match-operation',
      'validate-input',
      'open-credential',
      'execute',
      'scrub-reply',
      'record',
      'reply',
      'refuse',
      'handle-call',
    ];
    for (const file of issuing) {
      expect(readFileSync(new URL(`../../src/pipeline/${file}.ts`, import.meta.url), 'utf8')).not.toMatch(
        /\bcallPermit\b/,
      );
    }
  });
});
