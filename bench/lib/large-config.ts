// A config of the size that a start is measured with: a credential and a service each, half of them with an operation.

/** How large the config is. */
export interface ConfigSize {
  readonly credentials: number;
  readonly operations: number;
}

/** The text of a config whose services all stand at one port of loopback; the agent `bench` may call everything. */
export function largeConfig(size: ConfigSize, ports: { readonly listen: number; readonly service: number }): string {
  const every = (count: number, line: (name: string, index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(`s${index}`, index)).join('\n');
  return `
services:
${every(size.credentials, (name) => `  ${name}: { type: http, url: 'http://127.0.0.1:${ports.service}', trust: loopback, credential: ${name}, place: bearer }`)}
credentials:
${every(size.credentials, (name) => `  ${name}: { kind: token, max-lifetime: 7d }`)}
operations:
${every(size.operations, operation)}
agents:
  bench: { token: { max-lifetime: 7d }, session: { max-lifetime: 1d }, may: [${Array.from({ length: size.operations }, (_, index) => `s${index}.do`).join(', ')}] }
listen: { port: ${ports.listen} }
`;
}

function operation(name: string, index: number): string {
  return `  ${name}.do:
    service: ${name}
    effect: write
    description: Does the thing number ${index} with a customer, and says how it went.
    input:
      customer: { type: string, minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' }
      state: { enum: [open, closed, any], default: any }
      limit: { type: integer, minimum: 1, maximum: ${100 + index}, default: 20 }
      since: { type: string, format: date-time, maxLength: 40, optional: true }
      labels: { type: array, items: { type: string, maxLength: 40 }, maxItems: 10, optional: true }
    http: { method: POST, path: '/things/${index}/{customer}', query: { limit: $limit }, body: { state: $state, since: $since, labels: $labels } }
    reply: [/id, /data]`;
}
