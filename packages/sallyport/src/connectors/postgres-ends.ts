// The executions that the ends of a statement stand for; of the server's words only its codes go further.
import { SallyportError } from '../domain/errors.ts';
import type { OperationDefinition } from '../domain/operation.ts';
import type { Execution } from './connector.ts';
import type { BatchResult, ServerError } from './postgres-batch.ts';
import { serverErrorText } from './postgres-batch.ts';
import { postgresRows } from './postgres-values.ts';

/** A result as a reply; `failed` when it cannot be told without loss. */
export function repliedExecution(operation: OperationDefinition, result: BatchResult): Execution {
  const { columns, bytes } = result;
  const common = { kind: 'replied', status: 200, headers: [], bytes } as const;
  if (operation.reply.kind === 'none') return { ...common, body: { kind: 'empty' }, isTruncated: false };
  const names = columns.map(({ name }) => name);
  if (new Set(names).size < names.length || names.includes('__proto__')) {
    const message = 'the statement has two columns of one name; nothing was changed; tell the operator';
    return { kind: 'failed', error: new SallyportError('STATEMENT_FAILED', message), upstreamStatus: null };
  }
  try {
    const rows = postgresRows(columns, result.rows);
    return { ...common, body: { kind: 'rows', rows }, isTruncated: result.isTruncated };
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    return { kind: 'failed', error, upstreamStatus: null };
  }
}

/** The server refused: it is known that nothing was done. */
export function refusedExecution(error: ServerError): Execution {
  return { kind: 'failed', error: statementError(error), upstreamStatus: null };
}

/** The transaction was rolled back where it should have been committed. */
export function rolledBack(): Execution {
  const error = new SallyportError('STATEMENT_FAILED', 'the statement failed; nothing was changed');
  return { kind: 'failed', error, upstreamStatus: null };
}

/** The connection ended before COMMIT was sent: the server rolls the transaction back. */
export function lostExecution(error: SallyportError): Execution {
  return { kind: 'failed', error, upstreamStatus: null };
}

/** The connection ended before COMMIT was answered: nobody knows. */
export function unknownCommit(cause: SallyportError): Execution {
  const message = 'the database may or may not have done it; look before trying again';
  return { kind: 'indeterminate', error: new SallyportError('UPSTREAM_INDETERMINATE', message, { cause }) };
}

/** Why we ended a statement ourselves. */
export function stopError(reason: 'timeout' | 'aborted'): SallyportError {
  return reason === 'timeout'
    ? new SallyportError('UPSTREAM_TIMEOUT', 'the statement took too long')
    : new SallyportError('CALL_CUT', 'the call was cut short');
}

// SQLSTATE, appendix A of the PostgreSQL manual.
function statementError(error: ServerError): SallyportError {
  const cause = new Error(serverErrorText(error));
  switch (error.code) {
    case '57014':
      return new SallyportError('UPSTREAM_TIMEOUT', 'the statement took too long; nothing was changed', { cause });
    case '40001':
    case '40P01':
    case '55P03':
      return new SallyportError('STATEMENT_FAILED', 'another transaction was in the way; nothing was changed', {
        cause,
      });
    case '42501':
      return new SallyportError('STATEMENT_FAILED', 'the database does not permit it; nothing was changed', { cause });
    default:
      return new SallyportError('STATEMENT_FAILED', 'the statement failed; nothing was changed', { cause });
  }
}
