// Builds an HTTP request from a template and validated input: by structure, never by text replacement, and read again before it counts.
import { assertNever } from '../domain/assert-never.ts';
import { SallyportError } from '../domain/errors.ts';
import type { BodyTemplate, HttpRequestTemplate, OperationInput, Slot } from '../domain/operation.ts';
import type { HttpService } from '../domain/service.ts';
import type { PlannedRequest, RequestPart } from './connector.ts';
import { encodeStrict, headerText, pathSegment, slotText } from './http-values.ts';
import { inputValue, unsafeInput } from './input-values.ts';

/** A request without its credential. */
export class HttpPlannedRequest implements PlannedRequest {
  /** Scheme, host and port, as a URL has them. */
  readonly origin: string;
  readonly method: HttpRequestTemplate['method'];
  readonly path: string;
  /** Encoded pairs joined by `&`; empty when there are none. */
  readonly query: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | null;
  readonly bytes: number;

  constructor(parts: Omit<HttpPlannedRequest, 'bytes' | 'preview'>) {
    this.origin = parts.origin;
    this.method = parts.method;
    this.path = parts.path;
    this.query = parts.query;
    this.headers = parts.headers;
    this.body = parts.body;
    const headerBytes = parts.headers.reduce((sum, text) => sum + text.length + 2, 0);
    this.bytes = parts.path.length + parts.query.length + headerBytes + (parts.body?.length ?? 0);
  }

  preview(): readonly RequestPart[] {
    const { method, origin, path, query, headers, body } = this;
    const url = `${origin}${path}${query === '' ? '' : `?${query}`}`;
    const headerLines = headers.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${headers[index + 1] ?? ''}`] : [],
    );
    return [
      { part: 'sends', lines: [`${method} ${url}`] },
      { part: 'headers', lines: headerLines },
      ...(body === null ? [] : [{ part: 'body', lines: [body.toString('utf8')] }]),
    ];
  }
}

/**
 * The request of one call.
 * @throws SallyportError INPUT_UNSAFE when a value cannot stand where the template puts it
 */
export function buildRequest(
  service: HttpService,
  template: HttpRequestTemplate,
  input: OperationInput,
): HttpPlannedRequest {
  const path = buildPath(service, template, input);
  const query = encodedPairs(template.query, input);
  checkTarget(service, path, query);
  const body = buildBody(template, input);
  return new HttpPlannedRequest({
    origin: originOf(service),
    method: template.method,
    path,
    query,
    headers: buildHeaders(template, input),
    body,
  });
}

function buildPath(service: HttpService, template: HttpRequestTemplate, input: OperationInput): string {
  const fixed = service.basePath.map((segment) => fixedSegment(segment));
  const own = template.segments.map((slot) => {
    if (slot.kind === 'fixed') return fixedSegment(slot.text);
    const text = slotText(slot, input);
    if (text === undefined) throw unsafeInput(slot.name, 'is needed in the path');
    return pathSegment(slot.name, text);
  });
  return `/${[...fixed, ...own].join('/')}`;
}

// A path may end in a slash: its last fixed segment is empty, and was accepted when the operation was compiled.
function fixedSegment(text: string): string {
  return text === '' ? '' : encodeStrict('path', text);
}

function encodedPairs(slots: Readonly<Record<string, Slot>>, input: OperationInput): string {
  const pairs: string[] = [];
  for (const [key, slot] of Object.entries(slots)) {
    const text = slotText(slot, input);
    const name = slot.kind === 'input' ? slot.name : key;
    if (text !== undefined) pairs.push(`${encodeStrict(key, key)}=${encodeStrict(name, text)}`);
  }
  return pairs.join('&');
}

// What was built is read as a server reads it: the same host, port and path must come out, segment by segment.
function checkTarget(service: HttpService, path: string, query: string): void {
  const url = new URL(`${originOf(service)}${path}${query === '' ? '' : `?${query}`}`);
  const port = url.port === '' ? (service.scheme === 'https' ? 443 : 80) : Number(url.port);
  const isSame =
    url.pathname === path &&
    url.search === (query === '' ? '' : `?${query}`) &&
    port === service.port &&
    url.hash === '' &&
    url.username === '';
  if (!isSame || path.includes('//')) {
    throw new SallyportError('INPUT_UNSAFE', 'the input changes the address of the request');
  }
}

function originOf({ scheme, host, port }: HttpService): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function buildHeaders(template: HttpRequestTemplate, input: OperationInput): readonly string[] {
  const headers = ['accept-encoding', 'identity'];
  if (!Object.hasOwn(template.headers, 'accept')) headers.push('accept', 'application/json');
  if (!Object.hasOwn(template.headers, 'user-agent')) headers.push('user-agent', 'sallyport');
  if (template.body.kind === 'json') headers.push('content-type', 'application/json');
  if (template.body.kind === 'form') headers.push('content-type', 'application/x-www-form-urlencoded');
  for (const [key, slot] of Object.entries(template.headers)) {
    const text = slotText(slot, input);
    if (text !== undefined) headers.push(key, headerText(slot.kind === 'input' ? slot.name : key, text));
  }
  return headers;
}

function buildBody(template: HttpRequestTemplate, input: OperationInput): Buffer | null {
  const { body } = template;
  switch (body.kind) {
    case 'none':
      return null;
    case 'json':
      return Buffer.from(jsonText(body.template, input) ?? 'null');
    case 'form':
      return Buffer.from(encodedPairs(body.fields, input));
    default:
      return assertNever(body);
  }
}

// Undefined when the value is an input that was left out; its key or element is then left out as well.
function jsonText(template: BodyTemplate, input: OperationInput): string | undefined {
  switch (template.kind) {
    case 'value':
      return JSON.stringify(template.value);
    case 'input': {
      const value = inputValue(input, template.name);
      return value === undefined ? undefined : JSON.stringify(value);
    }
    case 'array':
      return `[${template.items.flatMap((item) => jsonText(item, input) ?? []).join(',')}]`;
    case 'object':
      return `{${Object.entries(template.fields)
        .flatMap(([key, field]) => {
          const text = jsonText(field, input);
          return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
        })
        .join(',')}}`;
    default:
      return assertNever(template);
  }
}
