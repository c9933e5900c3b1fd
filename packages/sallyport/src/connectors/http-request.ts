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
  readonly body: string | null;

  constructor(parts: Omit<HttpPlannedRequest, 'bytes' | 'preview'>) {
    this.origin = parts.origin;
    this.method = parts.method;
    this.path = parts.path;
    this.query = parts.query;
    this.headers = parts.headers;
    this.body = parts.body;
  }

  get bytes(): number {
    const headerBytes = this.headers.reduce((sum, text) => sum + text.length + 2, 0);
    return this.path.length + this.query.length + headerBytes + (this.body === null ? 0 : Buffer.byteLength(this.body));
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
      ...(body === null ? [] : [{ part: 'body', lines: [body] }]),
    ];
  }
}

/** Builds the request of one call. @throws SallyportError INPUT_UNSAFE when a value cannot stand where the template puts it */
export type RequestBuilder = (input: OperationInput) => HttpPlannedRequest;

/** The builder of an operation's requests: what no input changes is worked out once. */
export function requestBuilder(service: HttpService, template: HttpRequestTemplate): RequestBuilder {
  const origin = originOf(service);
  const { method } = template;
  const path = pathText(service, template);
  const query = pairsText(template.query);
  const headers = headerList(template);
  const body = bodyText(template);
  const check = targetCheck(service, template, origin);
  return (input) => {
    const target = { path: path(input), query: query(input) };
    check(target);
    return new HttpPlannedRequest({ origin, method, ...target, headers: headers(input), body: body(input) });
  };
}

type FromInput<Part> = (input: OperationInput) => Part;

function pathText({ basePath }: HttpService, { segments }: HttpRequestTemplate): FromInput<string> {
  const base = basePath.map((segment) => `/${fixedSegment(segment)}`).join('');
  const own = segments.map(segmentText);
  return (input) => own.reduce((path, text) => `${path}/${text(input)}`, base) || '/';
}

function segmentText(slot: Slot): FromInput<string> {
  if (slot.kind === 'fixed') {
    const text = fixedSegment(slot.text);
    return () => text;
  }
  return (input) => {
    const text = slotText(slot, input);
    if (text === undefined) throw unsafeInput(slot.name, 'is needed in the path');
    return pathSegment(slot.name, text);
  };
}

// A path may end in a slash: its last fixed segment is empty, and was accepted when the operation was compiled.
function fixedSegment(text: string): string {
  return text === '' ? '' : encodeStrict('path', text);
}

function pairsText(slots: Readonly<Record<string, Slot>>): FromInput<string> {
  const keys = Object.entries(slots).map(([key, slot]) => [slot, key, `${encodeStrict(key, key)}=`] as const);
  return (input) => {
    let pairs = '';
    for (const [slot, key, start] of keys) {
      const text = slotText(slot, input);
      const name = slot.kind === 'input' ? slot.name : key;
      if (text !== undefined) pairs += `${pairs === '' ? '' : '&'}${start}${encodeStrict(name, text)}`;
    }
    return pairs;
  };
}

interface Target {
  readonly path: string;
  readonly query: string;
}

// A target that no input changes is the same each time, and is read again once.
function targetCheck(service: HttpService, { segments, query }: HttpRequestTemplate, origin: string) {
  const isFixed = [...segments, ...Object.values(query)].every(({ kind }) => kind === 'fixed');
  let isProven = false;
  return (target: Target): void => {
    if (isProven) return;
    checkTarget(service, origin, target);
    isProven = isFixed;
  };
}

// What was built is read as a server reads it: the same host, port and path must come out, segment by segment.
function checkTarget({ scheme, port }: HttpService, origin: string, { path, query }: Target): void {
  const search = query === '' ? '' : `?${query}`;
  const url = new URL(`${origin}${path}${search}`);
  const urlPort = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  const isSame =
    url.pathname === path && url.search === search && urlPort === port && url.hash === '' && url.username === '';
  if (!isSame || path.includes('//')) {
    throw new SallyportError('INPUT_UNSAFE', 'the input changes the address of the request');
  }
}

function originOf({ scheme, host, port }: HttpService): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function headerList(template: HttpRequestTemplate): FromInput<readonly string[]> {
  const first = firstHeaders(template);
  const own = Object.entries(template.headers);
  if (own.length === 0) return () => first;
  return (input) => {
    const headers = [...first];
    for (const [key, slot] of own) {
      const text = slotText(slot, input);
      if (text !== undefined) headers.push(key, headerText(slot.kind === 'input' ? slot.name : key, text));
    }
    return headers;
  };
}

function firstHeaders({ headers: own, body }: HttpRequestTemplate): readonly string[] {
  const headers = ['accept-encoding', 'identity'];
  if (!Object.hasOwn(own, 'accept')) headers.push('accept', 'application/json');
  if (!Object.hasOwn(own, 'user-agent')) headers.push('user-agent', 'sallyport');
  if (body.kind === 'json') headers.push('content-type', 'application/json');
  if (body.kind === 'form') headers.push('content-type', 'application/x-www-form-urlencoded');
  return headers;
}

function bodyText({ body }: HttpRequestTemplate): FromInput<string | null> {
  switch (body.kind) {
    case 'none':
      return () => null;
    case 'json': {
      const text = jsonText(body.template);
      return (input) => text(input) ?? 'null';
    }
    case 'form':
      return pairsText(body.fields);
    default:
      return assertNever(body);
  }
}

// Undefined when the value is an input that was left out; its key or element is then left out as well.
function jsonText(template: BodyTemplate): FromInput<string | undefined> {
  switch (template.kind) {
    case 'value': {
      const text = JSON.stringify(template.value);
      return () => text;
    }
    case 'input':
      return (input) => {
        const value = inputValue(input, template.name);
        return value === undefined ? undefined : JSON.stringify(value);
      };
    case 'array': {
      const list = joined(template.items.map((item) => ({ start: '', text: jsonText(item) })));
      return (input) => `[${list(input)}]`;
    }
    case 'object': {
      const fields = Object.entries(template.fields);
      const list = joined(fields.map(([key, field]) => ({ start: `${JSON.stringify(key)}:`, text: jsonText(field) })));
      return (input) => `{${list(input)}}`;
    }
    default:
      return assertNever(template);
  }
}

function joined(parts: readonly { readonly start: string; readonly text: FromInput<string | undefined> }[]) {
  return (input: OperationInput): string => {
    let list = '';
    for (const { start, text } of parts) {
      const value = text(input);
      if (value !== undefined) list += `${list === '' ? '' : ','}${start}${value}`;
    }
    return list;
  };
}
