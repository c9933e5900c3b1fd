// GET /v1/operations: what the holder of the token may call.

import { jsonAnswer } from '../../net/http-answer.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import { readCaller } from '../caller.ts';
import type { Route } from '../exchange.ts';
import { problemAnswer } from '../problem-details.ts';

/** Lists the operations of an agent, in the order of their ids. */
export function createOperationsRoute(pipeline: Pipeline): Route {
  return {
    method: 'GET',
    serve: async (exchange) => {
      const operations = pipeline.list(readCaller(exchange)).map((listed) => ({
        id: listed.operation,
        tool: listed.tool,
        description: listed.description,
        effect: listed.effect,
        inputSchema: listed.inputSchema,
      }));
      return jsonAnswer(200, JSON.stringify({ operations }));
    },
    refuse: problemAnswer,
  };
}
