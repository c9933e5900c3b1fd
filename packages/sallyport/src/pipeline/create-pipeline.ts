// Puts the pipeline together: what front doors call, around the path of a call.
import type { CallRequest } from '../domain/call.ts';
import type { SallyportError } from '../domain/errors.ts';
import type { CallOutcome } from '../domain/reply.ts';
import { handleCall } from './handle-call.ts';
import { listOperations } from './list-operations.ts';
import { Load, type LoadLimits } from './load.ts';
import { ownApproval } from './own-approval.ts';
import type { Pipeline, PipelineDependencies } from './pipeline.ts';
import { refuseAtDoor } from './refuse.ts';
import type { Stages } from './stages.ts';

/** More calls than this are refused with OVERLOADED, so that waiting calls cannot fill the memory. */
const defaultLimits: LoadLimits = { maxCalls: 1024, maxCallsPerAgent: 128 };

/** Makes the pipeline. */
export function createPipeline(dependencies: PipelineDependencies, limits: LoadLimits = defaultLimits): Pipeline {
  const load = new Load(limits);
  const stages: Stages = { ...dependencies, load };
  return {
    call: (request) => callWithin(stages, request),
    list: (token) => listOperations(dependencies, token),
    approval: (token, id) => ownApproval(dependencies, token, id),
    refusedAtDoor: (error) => countAtDoor(dependencies, error),
    inFlight: () => load.calls,
    untilEnded: (graceMs) => load.untilEnded(graceMs),
    drain: (graceMs) => load.drain(graceMs),
  };
}

function countAtDoor({ doorCounter, report }: PipelineDependencies, error: SallyportError): void {
  doorCounter.count(error.code);
  // A count says nothing about a defect of our own; everything else is explained by its code.
  if (error.code !== 'INTERNAL') return;
  report.refusal({ call: null, agent: null, operation: null, code: error.code, reason: null, cause: error.cause });
}

async function callWithin(stages: Stages, request: CallRequest): Promise<CallOutcome> {
  let era: ReturnType<Load['enter']>;
  try {
    era = stages.load.enter();
  } catch (error) {
    return refuseAtDoor(stages, error);
  }
  try {
    return await handleCall(stages, request);
  } finally {
    stages.load.leave(era);
  }
}
