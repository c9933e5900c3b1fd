// One way of answering at our doors: complete text with its length, in one write, never stored by anyone between.

/** A complete answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
  /** Further headers as a flat list of names and values. */
  readonly headers: readonly string[];
}

const noHeaders: readonly string[] = [];

/** Headers that every answer of ours carries, by turns: nothing is cached, nothing is guessed. */
export const securityHeaders: readonly string[] = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'];

/** A JSON answer. */
export function jsonAnswer(status: number, body: string): HttpAnswer {
  return { status, contentType: 'application/json', body, headers: noHeaders };
}

/** Whether the connection ends with an answer of this status: what is left of the request is not waited for. */
export function endsConnection({ status }: HttpAnswer): boolean {
  return status === 408 || status === 413;
}
