// Carries messages between a client's lines and the agents' socket. It knows no credential, no config and no rule.
import { legacyMcpVersions, negotiatedMcpVersion } from '../domain/mcp-versions.ts';
import type { SocketAnswer, SocketCall } from '../net/socket-call.ts';
import {
  type ClientMessage,
  envelopeVersion,
  type MessageId,
  membersOf,
  mirroringHeaders,
  readClientMessage,
} from './client-message.ts';
import { answerLine, errorLine, ownErrorLine } from './server-line.ts';
import { type BridgeInfo, lineWithoutServer } from './without-server.ts';

/** What a bridge is made of. */
export interface BridgeOptions {
  readonly agent: string;
  readonly info: BridgeInfo;
  /** Sends one request; never rejects. */
  readonly send: (call: SocketCall) => Promise<SocketAnswer>;
  /** Writes one line for the client. */
  readonly write: (line: string) => void;
  /** Says something to whoever reads the client's log. */
  readonly note: (text: string) => void;
  /** Calls `look` from time to time, until the function that it gives is called. */
  readonly every: (look: () => void) => () => void;
}

/** A bridge at work. */
export interface Bridge {
  take(line: Uint8Array): void;
  refuseLongLine(): void;
  /** Resolves when every answer is out; no line is taken any more. */
  end(): Promise<void>;
}

const maxInFlight = 128;
const nothing = new Uint8Array();

type Request = Extract<ClientMessage, { kind: 'request' }>;

/** A bridge for one agent. */
export function createBridge(options: BridgeOptions): Bridge {
  return new LineBridge(options);
}

class LineBridge implements Bridge {
  readonly #options: BridgeOptions;
  readonly #inFlight = new Map<MessageId, AbortController>();
  readonly #answers = new Set<Promise<void>>();
  #handshakeVersion: string | undefined;
  /** The answer to `initialize`, while it is under way. */
  #handshake: Promise<void> | undefined;
  #stopLooking: (() => void) | undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  take(line: Uint8Array): void {
    if (isBlank(line)) return;
    const message = readClientMessage(line);
    const { write } = this.#options;
    if (message.kind === 'unreadable') write(errorLine(undefined, -32700, 'this line is not JSON in UTF-8'));
    else if (message.kind === 'malformed') {
      write(errorLine(message.id, -32600, 'send one JSON-RPC request a line; batches are not served'));
    } else if (message.kind === 'cancellation') this.#cancel(message.of);
    else if (message.kind === 'request') this.#start(message, line);
  }

  refuseLongLine(): void {
    this.#options.write(errorLine(undefined, -32700, 'a message may be 1 MiB long; this one was dropped'));
  }

  async end(): Promise<void> {
    this.#stopLooking?.();
    await Promise.all(this.#answers);
  }

  #start(request: Request, line: Uint8Array): void {
    const { write } = this.#options;
    if (this.#inFlight.has(request.id)) {
      write(errorLine(request.id, -32600, 'a request with this id is still under way'));
    } else if (this.#inFlight.size >= maxInFlight) {
      write(ownErrorLine(request.id, 503, 'too many requests are under way; wait for some of them to end'));
    } else {
      const answer = this.#carry(request, line).finally(() => this.#answers.delete(answer));
      this.#answers.add(answer);
      if (request.method === 'initialize') this.#awaitHandshake(answer);
    }
  }

  #awaitHandshake(answer: Promise<void>): void {
    const handshake = answer.finally(() => {
      if (this.#handshake === handshake) this.#handshake = undefined;
    });
    this.#handshake = handshake;
  }

  async #carry(request: Request, line: Uint8Array): Promise<void> {
    const controller = new AbortController();
    this.#inFlight.set(request.id, controller);
    // What a client of the legacy era sends after `initialize` is of the version that its answer names, answered yet or not.
    const isLater = request.method !== 'initialize' && envelopeVersion(request.params) === undefined;
    if (isLater && this.#handshake !== undefined) await Promise.race([this.#handshake, abortOf(controller.signal)]);
    const answer = await this.#send(request, line, controller.signal);
    this.#inFlight.delete(request.id);
    const text = this.#lineFor(request, answer);
    if (text !== undefined) this.#options.write(text);
  }

  #send(request: Request, body: Uint8Array, signal: AbortSignal): Promise<SocketAnswer> {
    if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
    const headers = {
      'sallyport-agent': this.#options.agent,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...mirroringHeaders(request, this.#handshakeVersion),
    };
    return this.#options.send({ method: 'POST', path: '/mcp', headers, body, signal });
  }

  // A cancelled request gets no answer (MCP, basic/utilities/cancellation).
  #lineFor(request: Request, answer: SocketAnswer): string | undefined {
    switch (answer.kind) {
      case 'aborted':
        return undefined;
      case 'lost':
        return ownErrorLine(
          request.id,
          502,
          'the connection to Sallyport broke: whether the call was made is not known; look before you repeat it',
        );
      case 'not-sent':
        return this.#withoutServer(request, answer.why.message);
      case 'answered':
        this.#reached();
        if (request.method === 'initialize') this.#handshakeVersion = versionIn(answer.body);
        return answerLine(request.id, answer.status, answer.body);
      default:
        return answer satisfies never;
    }
  }

  #withoutServer(request: Request, why: string): string {
    if (request.method === 'initialize') {
      this.#handshakeVersion = negotiatedMcpVersion(request.params['protocolVersion']);
    }
    if (this.#stopLooking === undefined) {
      this.#options.note(why);
      this.#stopLooking = this.#options.every(() => void this.#look());
    }
    return lineWithoutServer(request, this.#options.info, why);
  }

  async #look(): Promise<void> {
    const call = {
      method: 'GET',
      path: '/healthz',
      headers: {},
      body: nothing,
      signal: AbortSignal.timeout(5_000),
    } as const;
    const answer = await this.#options.send(call);
    if (answer.kind !== 'answered' || this.#stopLooking === undefined) return;
    this.#reached();
    // Only clients of the legacy era can be told something unasked, and that the tools changed was announced to them.
    if (this.#handshakeVersion === undefined) return;
    this.#options.write('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
  }

  #reached(): void {
    if (this.#stopLooking === undefined) return;
    this.#stopLooking();
    this.#stopLooking = undefined;
    this.#options.note('connected to Sallyport');
  }

  #cancel(id: unknown): void {
    if (typeof id === 'string' || typeof id === 'number') this.#inFlight.get(id)?.abort();
  }
}

// What was cancelled gives its slot back at once, whatever it waited for.
function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function versionIn(body: string): string | undefined {
  try {
    const version = membersOf(membersOf(JSON.parse(body))?.['result'])?.['protocolVersion'];
    // What comes back goes into headers of later requests: nothing else than what is spoken here.
    return legacyMcpVersions.find((known) => known === version);
  } catch {
    return undefined;
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
