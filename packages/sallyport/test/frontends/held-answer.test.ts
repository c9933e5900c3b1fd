// A held call is accepted and waits: its answer is no problem, and says where to ask what became of it.
import { expect, it } from 'vitest';
import { type ApprovalId, approvalLifetimeMs } from '../../src/domain/approval.ts';
import type { CallId } from '../../src/domain/call.ts';
import { refusalAnswer } from '../../src/frontends/problem-details.ts';

const approval = { id: 'a-1' as ApprovalId, state: 'pending', expiresAtMs: approvalLifetimeMs } as const;

it('answers a held call with 202 and plain JSON: code, detail, call and approval, and nothing of a problem', () => {
  const answer = refusalAnswer(
    {
      code: 'CALL_NEEDS_APPROVAL',
      status: 202,
      fault: 'operator',
      message: 'wait',
      issues: [],
      retryAfterMs: null,
      upstreamStatus: null,
      approval,
    },
    'c-1' as CallId,
  );
  expect(answer).toMatchObject({ status: 202, contentType: 'application/json' });
  expect(answer.headers).toEqual(['location', '/v1/approvals/a-1', 'retry-after', '10']);
  expect(JSON.parse(answer.body)).toEqual({
    code: 'CALL_NEEDS_APPROVAL',
    detail: 'wait',
    call: 'c-1',
    approval: { id: 'a-1', state: 'pending', expiresAt: '1970-01-01T01:00:00.000Z', status: '/v1/approvals/a-1' },
  });
});
