// Says truthfully how a statement ended; the engine's own messages are for the operator only.
import { assertNever } from '../domain/assert-never.ts';
import { SallyportError } from '../domain/errors.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { Execution } from './connector.ts';
import type { JobEnd, JobFailure } from './sqlite-pool.ts';
import type { WorkerAnswer } from './sqlite-protocol.ts';
import { rowObjects } from './sqlite-values.ts';

/** The execution that a job's end stands for. */
export function sqliteExecution(operation: OperationDefinition, end: JobEnd): Execution {
  if (end.kind === 'answered') return answeredExecution(operation, end.answer);
  const error = lostError(end.reason, end.cause);
  if (!end.isStarted) return { kind: 'not-sent', error };
  if (operation.effect === 'read') return { kind: 'failed', error, upstreamStatus: null };
  return {
    kind: 'indeterminate',
    error: new SallyportError(
      'UPSTREAM_INDETERMINATE',
      'the database may or may not have done it; look before trying again',
      { cause: error },
    ),
  };
}

function answeredExecution(operation: OperationDefinition, answer: WorkerAnswer): Execution {
  switch (answer.kind) {
    case 'rows': {
      const rows = rowObjects(answer.columns, answer.rows);
      const isNothing = operation.reply.kind === 'none';
      return {
        kind: 'replied',
        status: 200,
        headers: [],
        body: isNothing ? { kind: 'empty' } : { kind: 'rows', rows },
        bytes: answer.bytes,
        isTruncated: answer.isTruncated,
      };
    }
    case 'failed': {
      const cause = new Error(answer.detail);
      return answer.reason === 'busy'
        ? {
            kind: 'not-sent',
            error: new SallyportError('STATEMENT_FAILED', 'the database is busy; try again', { cause }),
          }
        : {
            kind: 'failed',
            error: new SallyportError('STATEMENT_FAILED', 'the statement failed; nothing was changed', { cause }),
            upstreamStatus: null,
          };
    }
    case 'own-file':
      return { kind: 'not-sent', error: new SallyportError('STATEMENT_FAILED', 'the database cannot be used') };
    case 'prepared':
    case 'refused':
      return { kind: 'not-sent', error: new SallyportError('INTERNAL', 'the database thread answered something else') };
    default:
      return assertNever(answer);
  }
}

function lostError(reason: JobFailure, cause: Error | undefined): SallyportError {
  const options = cause === undefined ? {} : { cause };
  switch (reason) {
    case 'timeout':
      return new SallyportError('UPSTREAM_TIMEOUT', 'the statement took too long', options);
    case 'aborted':
      return new SallyportError('CALL_CUT', 'the call was cut short', options);
    case 'closed':
      return new SallyportError('SHUTTING_DOWN', 'the database is being closed', options);
    case 'runaway':
      return new SallyportError('OVERLOADED', 'an earlier run of this operation has not ended; try again when it has');
    case 'crashed':
      return new SallyportError('STATEMENT_FAILED', 'the database thread ended', options);
    default:
      return assertNever(reason);
  }
}
