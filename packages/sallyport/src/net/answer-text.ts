// An answer as the bytes of HTTP/1.1, with the same headers as node:http sends.
import { STATUS_CODES } from 'node:http';
import { type HttpAnswer, securityHeaders } from './http-answer.ts';

/** How long a connection is kept between requests, in seconds. */
export const keepAliveSeconds = 75;

/** The text of an answer, and how its characters become bytes. */
export interface AnswerText {
  readonly text: string;
  readonly encoding: 'latin1' | 'utf8';
}

const alwaysSent = lines(securityHeaders);
const kept = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n\r\n`;
const last = 'connection: close\r\n\r\n';

/**
 * The text of an answer.
 * @param isLast whether the connection ends with it
 */
export function answerText(answer: HttpAnswer, isLast: boolean): AnswerText {
  const { status, contentType, body, headers } = answer;
  const bytes = Buffer.byteLength(body);
  const further = headers.length === 0 ? '' : lines(headers);
  const type = contentType === null ? '' : `content-type: ${contentType}\r\n`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\ncontent-length: ${bytes}\r\n`;
  const text = `${head}${alwaysSent}${further}${type}${dateLine()}${isLast ? last : kept}${body}`;
  // A text without characters beyond ASCII has one byte for each.
  return { text, encoding: bytes === body.length ? 'latin1' : 'utf8' };
}

function lines(list: readonly string[]): string {
  let text = '';
  for (let index = 0; index + 1 < list.length; index += 2) {
    const value = list[index + 1] ?? '';
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new Error(`the header ${list[index]} of an answer has odd characters`);
    text += `${list[index]}: ${value}\r\n`;
  }
  return text;
}

let dateSecond = 0;
let dateText = '';

function dateLine(): string {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = `Date: ${new Date(now).toUTCString()}\r\n`;
  }
  return dateText;
}
