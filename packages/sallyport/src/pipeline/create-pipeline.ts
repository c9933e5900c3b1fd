// Puts the pipeline together: what front doors call, around the path of a call.
import type { CallRequest } from '../domain/call.ts';
import type { CallOutcome } from '../domain/reply.ts';
import { handleCall } from './handle-call.ts';
import { listOperations } from './list-operations.ts';
import { Load, type LoadLimits } from './load.ts';
import type { Pipeline, PipelineDependencies } from './pipeline.ts';
import { refuseAtDoor } from './refuse.ts';
import type { Stages } from './stages.ts';

/** More calls than this are refused with OVERLOADED, so that waiting calls cannot fill the memory. */
const defaultLimits: LoadLimits = { maxCalls: 1024, maxCallsPerAgent: 256 };

/** Makes the pipeline. */
export function createPipeline(dependencies: PipelineDependencies, limits: LoadLimits = defaultLimits): Pipeline {
  const load = new Load(limits);
  const stages: Stages = { ...dependencies, load };
  return {
    call: (request) => callWithin(stages, request),
    list: (token) => listOperations(dependencies, token),
    refusedAtDoor: (error) => dependencies.doorCounter.count(error.code),
    drain: (graceMs) => load.drain(graceMs),
  };
}

async function callWithin(stages: Stages, request: CallRequest): Promise<CallOutcome> {
  try {
    stages.load.enter();
  } catch (error) {
    return refuseAtDoor(stages, error);
  }
  try {
    return await handleCall(stages, request);
  } finally {
    stages.load.leave();
  }
}
