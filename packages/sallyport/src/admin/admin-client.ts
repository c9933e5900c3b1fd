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

/** Asks the management API, and checks the shape of each answer; an error has the code that the API answered with. */
export interface AdminClient {
  get<T>(path: string, shape: z.ZodType<T>): Promise<T>;
  post<T>(path: string, shape: z.ZodType<T>, body?: unknown): Promise<T>;
  delete<T>(path: string, shape: z.ZodType<T>): Promise<T>;
  /** Releases what the client holds. */
  close(): Promise<void>;
}

const errorShape = z.object({ code: z.string(), detail: z.string() });

/** A client over the given transport. */
export function createAdminClient(transport: AdminTransport, close: () => Promise<void>): AdminClient {
  const ask = async (request: Parameters<AdminTransport>[0]): Promise<unknown> => {
    const response = await transport(request);
    const answer: unknown = JSON.parse(response.body);
    if (response.status >= 400) throw asError(answer);
    return answer;
  };
  return {
    get: async (path, shape) => shape.parse(await ask({ method: 'GET', path, body: undefined })),
    post: async (path, shape, body = {}) =>
      shape.parse(await ask({ method: 'POST', path, body: JSON.stringify(body) })),
    delete: async (path, shape) => shape.parse(await ask({ method: 'DELETE', path, body: undefined })),
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
