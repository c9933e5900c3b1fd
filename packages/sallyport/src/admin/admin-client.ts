// The one client of the management API: a command never knows whether a server answered or its own process did.
import { z } from 'zod';
import type { ErrorCode } from '../domain/errors.ts';
import { errorCodes, SallyportError } from '../domain/errors.ts';

/** Carries one request to the API: over the operator socket, or straight into it. */
export type AdminTransport = (request: {
  readonly method: string;
  readonly path: string;
  /** JSON text; undefined for none. */
  readonly body: string | undefined;
}) => Promise<{ readonly status: number; readonly body: string }>;

/** Asks the management API. */
export interface AdminClient {
  /** Sends a request and checks the answer's shape. @throws SallyportError with the code that the API answered */
  send<T>(method: 'GET' | 'POST' | 'DELETE', path: string, shape: z.ZodType<T>, body?: unknown): Promise<T>;
  /** Releases what the client holds. */
  close(): Promise<void>;
}

const errorShape = z.object({ code: z.string(), detail: z.string() });

/** A client over the given transport. */
export function createAdminClient(transport: AdminTransport, close: () => Promise<void>): AdminClient {
  return {
    async send(method, path, shape, body) {
      const response = await transport({ method, path, body: body === undefined ? undefined : JSON.stringify(body) });
      const parsed: unknown = JSON.parse(response.body);
      if (response.status >= 400) throw asError(parsed);
      return shape.parse(parsed);
    },
    close,
  };
}

function asError(body: unknown): SallyportError {
  const parsed = errorShape.safeParse(body);
  if (parsed.success && isErrorCode(parsed.data.code)) return new SallyportError(parsed.data.code, parsed.data.detail);
  return new SallyportError('INTERNAL', 'the management API answered in a way that this version does not know');
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
