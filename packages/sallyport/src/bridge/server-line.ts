// What goes back to a client: one message on one line, whatever the server or the weather was.
import { type MessageId, membersOf } from './client-message.ts';

// JSON-RPC reserves -32768 to -32000; Sallyport's own codes are -31000 minus the HTTP status.
const ownCodes = -31_000;
// Legal within JSON text, and the end of a line for some readers of lines.
const otherLineEnds = /[\u0085\u2028\u2029]/g;

/** A successful answer. */
export function resultLine(id: MessageId, result: object): string {
  return oneLine(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

/** An error; without an id where none could be read. */
export function errorLine(id: MessageId | undefined, code: number, message: string): string {
  return oneLine(JSON.stringify({ jsonrpc: '2.0', ...(id === undefined ? {} : { id }), error: { code, message } }));
}

/** An error of the bridge itself, with the HTTP status that says the same. */
export function ownErrorLine(id: MessageId, status: number, message: string): string {
  return errorLine(id, ownCodes - status, message);
}

/** The server's answer to a request, as its line. */
export function answerLine(id: MessageId, status: number, body: string): string {
  const answer = parsed(body);
  if (answer === undefined) return ownErrorLine(id, 502, `the server answered with status ${status} and no JSON`);
  // Text that answers this request goes through as it is.
  if (answer['id'] === id && ('result' in answer || 'error' in answer)) return oneLine(body);
  // It could not read the id; here it is known.
  if ('error' in answer) return oneLine(JSON.stringify({ ...answer, id }));
  const { detail } = answer;
  return ownErrorLine(id, status, typeof detail === 'string' ? detail : `the server answered with status ${status}`);
}

// JSON text has line ends only between its tokens, or, those of the second kind, within its strings.
function oneLine(json: string): string {
  const flat = /[\n\r]/.test(json) ? JSON.stringify(JSON.parse(json)) : json;
  return flat.replace(otherLineEnds, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return membersOf(JSON.parse(body));
  } catch {
    return undefined;
  }
}
