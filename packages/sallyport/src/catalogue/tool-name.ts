// Tool names are what MCP clients see; a call is matched by table, so two operations must never share one.
import type { OperationId } from '../domain/operation.ts';
import type { Problem } from '../domain/problem.ts';

const maxLength = 64;

/** The id with `.` as `_`. */
export function toolNameOf(operation: OperationId): string {
  return operation.replaceAll('.', '_');
}

/** Names that are too long, not plain, or shared; letters that differ only in case count as equal. */
export function toolNameProblems(operations: Iterable<OperationId>): readonly Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, OperationId>();
  for (const operation of operations) {
    const name = toolNameOf(operation);
    const say = (message: string): void => {
      problems.push({ severity: 'error', path: ['operations', operation], message });
    };
    if (!/^[A-Za-z0-9_-]+$/.test(name)) say('the name may hold letters, digits, dots, dashes and underscores only');
    if (name.length > maxLength) say(`the name is longer than ${maxLength} characters; shorten it`);
    // Clients fold case and confuse - with _: no order of the file may decide which operation such a name means.
    const key = name.toLowerCase().replaceAll('-', '_');
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, operation);
    else say(`its tool name is that of the operation ${owner}; rename one of them`);
  }
  return problems;
}
