// GET /v1/approvals/{id}: what became of a request for approval. It answers the agent that made it, and decides nothing.

import { jsonAnswer } from '../../net/http-answer.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { readCaller } from '../caller.ts';
import type { Route } from '../exchange.ts';
import { approvalMembers } from '../pending-approval.ts';
import { problemAnswer } from '../problem-details.ts';

/** Answers for one request for approval. */
export function createApprovalRoute(pipeline: Pipeline, id: string): Route {
  return {
    method: 'GET',
    serve: async (exchange) => {
      const approval = await pipeline.approval(readCaller(exchange), id);
      return jsonAnswer(200, JSON.stringify({ approval: approvalMembers(approval) }));
    },
    refuse: problemAnswer,
  };
}
