// Reads a request's body whole, within a size and a time: slow or endless bodies hold nothing up.
import type { IncomingMessage } from 'node:http';
import { SallyportError } from '../domain/errors.ts';

/** Bodies of agents' requests over this are refused. */
export const maxBodyBytes = 1024 * 1024;

/**
 * The body of a request.
 * @param timeoutMs from now to the last byte
 * @throws SallyportError REQUEST_TOO_LARGE, REQUEST_TIMEOUT, REQUEST_MALFORMED (cut off), REQUEST_CONTENT_TYPE (a content
 * encoding: what is read is what is judged)
 */
export function readBody(request: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<Buffer> {
  const { 'content-encoding': encoding, 'content-length': announced = 0 } = request.headers;
  const refusal = bodyRefusal(encoding, Number(announced), maxBytes);
  if (refusal !== undefined) return Promise.reject(refusal);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) fail(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      resolve(Buffer.concat(chunks, bytes));
    };
    const onCut = (): void => fail(new SallyportError('REQUEST_MALFORMED', 'the request body was cut off'));
    const fail = (error: SallyportError): void => {
      stop();
      request.pause();
      reject(error);
    };
    const stop = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      // An error that comes after the answer was given has nobody to tell.
      request.on('error', () => {});
    };
    const timer = setTimeout(() => {
      fail(new SallyportError('REQUEST_TIMEOUT', 'the request body did not arrive in time'));
    }, timeoutMs);
    request.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

/** Why a body is not read, by what its head says of it. */
export function bodyRefusal(
  encoding: string | undefined,
  announcedBytes: number,
  maxBytes: number,
): SallyportError | undefined {
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    return new SallyportError('REQUEST_CONTENT_TYPE', 'compressed request bodies are refused; send the body as it is');
  }
  return announcedBytes > maxBytes ? tooLarge() : undefined;
}

/** The refusal of a body over its size. */
export function tooLarge(): SallyportError {
  return new SallyportError('REQUEST_TOO_LARGE', 'the request body is too large; send less');
}
