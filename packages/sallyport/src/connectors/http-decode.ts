// Undoes content encodings of a reply, with caps on size and ratio: what cannot be decoded cannot be scrubbed, so it is refused.
import type { InputType, ZlibOptions } from 'node:zlib';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { SallyportError } from '../domain/errors.ts';

type Decode = (input: InputType, options: ZlibOptions, done: (error: Error | null, output: Buffer) => void) => void;

const decoders: Readonly<Record<string, Decode>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: (input, options, done) => {
    // RFC 9110 §8.4.1.2 means the zlib format; some servers send the bare stream.
    const isZlib = Buffer.isBuffer(input) && ((input[0] ?? 0) & 0x0f) === 8;
    (isZlib ? inflate : inflateRaw)(input, options, done);
  },
  br: (input, options, done) => brotliDecompress(input, { maxOutputLength: options.maxOutputLength ?? 0 }, done),
  zstd: (input, options, done) => zstdDecompress(input, { maxOutputLength: options.maxOutputLength ?? 0 }, done),
};
const maxEncodings = 2;
const maxRatio = 200;
const ratioFreeBytes = 256 * 1024;

/**
 * The body with every content encoding undone: at once where there is none to undo.
 * @throws SallyportError UPSTREAM_REPLY_TOO_LARGE, UPSTREAM_REPLY_UNREADABLE
 */
export function decodeBody(body: Buffer, contentEncoding: string, maxBytes: number): Buffer | Promise<Buffer> {
  if (contentEncoding === '') return body;
  const names = contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > maxEncodings) throw unreadable();
  return body.length === 0 || names.length === 0 ? body : decodeAll(names, body, maxBytes);
}

async function decodeAll(names: readonly string[], body: Buffer, maxBytes: number): Promise<Buffer> {
  let decoded = body;
  // They were applied in the order listed.
  for (const name of names.toReversed()) decoded = await decodeOnce(name, decoded, maxBytes);
  return decoded;
}

function decodeOnce(name: string, body: Buffer, maxBytes: number): Promise<Buffer> {
  const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (decode === undefined) return Promise.reject(unreadable());
  const maxOutputLength = Math.max(1, Math.min(maxBytes, Math.max(ratioFreeBytes, body.length * maxRatio)));
  return new Promise((resolve, reject) => {
    decode(body, { maxOutputLength }, (error, output) => {
      if (error === null) resolve(output);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge(error));
      else reject(unreadable(error));
    });
  });
}

function tooLarge(cause: Error): SallyportError {
  return new SallyportError('UPSTREAM_REPLY_TOO_LARGE', 'the reply of the service is too large', { cause });
}

function unreadable(cause?: Error): SallyportError {
  return new SallyportError('UPSTREAM_REPLY_UNREADABLE', 'the reply of the service cannot be decoded', { cause });
}
