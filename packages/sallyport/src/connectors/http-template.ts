// Checks an HTTP operation when the config is loaded: what can only fail later is refused now, and all of it at once.
import type { JsonObject, JsonValue } from '../domain/json-value.ts';
import type { BodyTemplate, HttpRequestTemplate, OperationDefinition, Slot } from '../domain/operation.ts';
import type { ConfigPath, Problem } from '../domain/problem.ts';
import type { HttpService } from '../domain/service.ts';

type Report = (message: string, path: ConfigPath, severity?: Problem['severity']) => void;

// Ours, or ones by which a request says something else than it seems to say (C5, C6, D14, R18).
const ownedHeaders = new Set(
  (
    'host authorization proxy-authorization cookie set-cookie content-type content-length content-encoding ' +
    'accept-encoding transfer-encoding connection keep-alive te trailer upgrade expect via forwarded ' +
    'max-forwards range if-range proxy-connection http2-settings x-http-method-override x-http-method ' +
    'x-method-override x-original-url x-rewrite-url x-real-ip'
  ).split(' '),
);
const methodFields = new Set(['_method', 'x-http-method-override']);
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Everything that is wrong with an HTTP operation; paths are relative to the operation. */
export function checkTemplate(
  service: HttpService,
  operation: OperationDefinition,
  template: HttpRequestTemplate,
): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (message, path, severity = 'error') => {
    problems.push({ severity, path, message });
  };
  checkMethod(operation, template, report);
  checkPath(operation, template, report);
  checkNames(service, template, report);
  checkSlots(operation, template, report);
  checkUse(operation, template, report);
  return problems;
}

function checkMethod(operation: OperationDefinition, template: HttpRequestTemplate, report: Report): void {
  const isSafe = template.method === 'GET' || template.method === 'HEAD';
  if (operation.effect === 'read' && !isSafe) {
    report(`a read uses GET or HEAD; declare effect: write for ${template.method}`, ['http', 'method']);
  }
  if (operation.effect === 'write' && template.method === 'DELETE') {
    report('DELETE removes something; declare effect: destroy', ['http', 'method'], 'warning');
  }
  if (isSafe && template.body.kind !== 'none') report(`${template.method} has no body`, ['http', 'body']);
  if (operation.reply.kind === 'rows') report('an HTTP reply has no rows; name fields', ['reply']);
}

function checkPath(operation: OperationDefinition, template: HttpRequestTemplate, report: Report): void {
  const path = ['http', 'path'];
  const last = template.segments.length - 1;
  template.segments.forEach((slot, index) => {
    if (slot.kind === 'fixed') {
      if (!isFixedSegment(slot.text) && !(slot.text === '' && index === last)) {
        report('a path segment holds plain text: no empty or dot segments, no %, ?, # or backslash', path);
      }
    } else if (mayBeAbsent(operation, slot.name)) {
      report(`the input ${slot.name} stands in the path: make it required or give it a default`, path);
    }
  });
}

function isFixedSegment(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && /^[^/\\%?#\p{Cc}]+$/u.test(text) && text.isWellFormed();
}

function checkNames(service: HttpService, template: HttpRequestTemplate, report: Report): void {
  const headerNames: [string, ConfigPath][] = Object.keys(template.headers).map((name) => [
    name,
    ['http', 'headers', name],
  ]);
  if (template.idempotencyHeader !== null) {
    headerNames.push([template.idempotencyHeader.toLowerCase(), ['http', 'idempotency-header']]);
  }
  for (const [name, path] of headerNames) {
    for (const message of headerNameProblems(service, name)) report(message, path);
  }
  const fields = template.body.kind === 'form' ? template.body.fields : {};
  for (const [part, slots] of [['query', template.query] as const, ['body', fields] as const]) {
    for (const name of Object.keys(slots)) {
      const path = ['http', part, name];
      if (methodFields.has(name.toLowerCase())) report('a field must not override the method', path);
      if (name === '' || !name.isWellFormed() || /\p{Cc}/u.test(name)) report('this name cannot be sent', path);
    }
  }
  const place = service.place;
  if (place?.kind === 'query' && Object.keys(template.query).some((name) => isSameName(name, place.name))) {
    report('this query parameter is the place of the credential', ['http', 'query', place.name]);
  }
}

function headerNameProblems(service: HttpService, name: string): readonly string[] {
  const isOwned = ownedHeaders.has(name) || /^(proxy-|x-forwarded-|sec-)/.test(name);
  const isPlace = service.place?.kind === 'header' && isSameName(service.place.name, name);
  return [
    ...(token.test(name) ? [] : ['a header name is lower case and has no spaces']),
    ...(isOwned ? [`the header ${name} belongs to Sallyport and cannot be set`] : []),
    ...(isPlace ? [`the header ${name} is the place of the credential`] : []),
  ];
}

function checkSlots(operation: OperationDefinition, template: HttpRequestTemplate, report: Report): void {
  for (const { slot, path } of textSlots(template)) {
    if (slot.kind === 'fixed') {
      if (path[1] === 'headers' && !/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(slot.text)) {
        report('a header value is visible ASCII', path);
      }
    } else if (holdsNoText(operation.input[slot.name])) {
      report(`the input ${slot.name} stands in text here: its type must be string, integer, number or boolean`, path);
    }
  }
  if (template.body.kind === 'json' && template.body.template.kind === 'input') {
    const { name } = template.body.template;
    if (mayBeAbsent(operation, name)) report(`the input ${name} is the whole body: make it required`, ['http', 'body']);
  }
}

function checkUse(operation: OperationDefinition, template: HttpRequestTemplate, report: Report): void {
  const used = new Set<string>();
  const use = (name: string, path: ConfigPath): void => {
    used.add(name);
    if (!Object.hasOwn(operation.input, name)) report(`there is no input ${name}`, path);
  };
  for (const { slot, path } of textSlots(template)) if (slot.kind === 'input') use(slot.name, path);
  if (template.body.kind === 'json') {
    for (const name of bodyInputs(template.body.template)) use(name, ['http', 'body']);
  }
  for (const name of Object.keys(operation.input)) {
    if (!used.has(name)) report(`the input ${name} is used nowhere in the request`, ['input', name]);
  }
}

function textSlots(template: HttpRequestTemplate): readonly { readonly slot: Slot; readonly path: ConfigPath }[] {
  const named = (part: string, slots: Readonly<Record<string, Slot>>) =>
    Object.entries(slots).map(([name, slot]) => ({ slot, path: ['http', part, name] }));
  return [
    ...template.segments.map((slot) => ({ slot, path: ['http', 'path'] })),
    ...named('query', template.query),
    ...named('headers', template.headers),
    ...(template.body.kind === 'form' ? named('body', template.body.fields) : []),
  ];
}

function bodyInputs(template: BodyTemplate): readonly string[] {
  if (template.kind === 'input') return [template.name];
  if (template.kind === 'array') return template.items.flatMap(bodyInputs);
  return template.kind === 'object' ? Object.values(template.fields).flatMap(bodyInputs) : [];
}

function mayBeAbsent(operation: OperationDefinition, name: string): boolean {
  const schema = operation.input[name];
  return operation.optionalInputs.includes(name) && !(schema !== undefined && Object.hasOwn(schema, 'default'));
}

function holdsNoText(schema: JsonObject | undefined): boolean {
  const type = schema?.['type'];
  const types: readonly JsonValue[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  return types.some((one) => one === 'object' || one === 'array' || one === 'null');
}

function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
