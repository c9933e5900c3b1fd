// One signed-in connection to a database: the driver speaks the protocol over a socket that was dialled and proven for it.
import type { Socket } from 'node:net';
import { Client } from 'pg';
import { SallyportError } from '../domain/errors.ts';
import type { BatchEnd, PostgresBatch } from './postgres-batch.ts';
import { serverErrorOf, serverErrorText } from './postgres-batch.ts';
import type { SignIn } from './postgres-connection.ts';
import { DialledConnection, SignInRefusal } from './postgres-connection.ts';

// "Terminate": without it the server would report a lost connection.
const terminate = Buffer.from([0x58, 0, 0, 0, 4]);

const cancelMs = 5_000;

/** A connection that is ready for statements; one batch at a time. */
export interface PostgresSession {
  /** False once the connection has ended, by whomever. */
  readonly isOpen: boolean;
  run(batch: PostgresBatch): Promise<BatchEnd>;
  /** Bounds what the server may send from now on; beyond it the connection is cut. */
  limit(maxBytes: number): void;
  /** Says goodbye. */
  end(): void;
  /** Cuts the connection; a batch that runs ends as lost. */
  destroy(): void;
  /** Cuts the connection, and asks the server over another one to stop what it still does for this one. */
  abandon(): void;
  /** Called once, when the connection has ended. */
  onEnd(listener: () => void): void;
}

/** Makes a connection whose peer is proven. */
export type Dial = () => Promise<Socket>;

// Greeting, SCRAM and settings; a server that says more before it is asked anything is none.
const maxSignInBytes = 64 * 1024;
const defaultSignInMs = 10_000;

/**
 * Signs in by SCRAM, with channel binding where the server offers it; the password itself is never sent.
 * @param signInMs how long the server may take for it
 * @throws SallyportError what dialling throws, UPSTREAM_IDENTITY, UPSTREAM_REFUSED_CREDENTIAL, UPSTREAM_REFUSED,
 * UPSTREAM_UNREACHABLE
 */
export async function openSession(
  dial: Dial,
  signIn: SignIn,
  signInMs: number = defaultSignInMs,
): Promise<PostgresSession> {
  const socket = await dial();
  const connection = new DialledConnection(socket, signIn);
  const client = new Client({
    ...signIn,
    // The driver takes what is left out from the environment; some of that would be an error there.
    host: 'localhost',
    port: 1,
    ssl: false,
    sslnegotiation: 'postgres',
    connectionTimeoutMillis: signInMs,
    connection,
    // Bound to the certificate that was verified: nobody between can pass the sign-in on.
    enableChannelBinding: 'encrypted' in socket,
  });
  const session = new Session(client, socket, dial);
  session.limit(maxSignInBytes);
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw signInError(error);
  } finally {
    // Connections last longer than the moment that the password is needed for.
    client.password = undefined;
    client.connectionParameters.password = undefined;
  }
  return session;
}

class Session implements PostgresSession {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #dial: Dial;
  #isOpen = true;
  #mayReceive = 0;
  #endListener: (() => void) | undefined;

  constructor(client: Client, socket: Socket, dial: Dial) {
    this.#client = client;
    this.#socket = socket;
    this.#dial = dial;
    socket.on('data', (chunk: Buffer) => {
      this.#mayReceive -= chunk.length;
      if (this.#mayReceive < 0)
        socket.destroy(new SallyportError('UPSTREAM_REPLY_TOO_LARGE', 'the reply of the database is too large'));
    });
    socket.on('close', () => {
      this.#isOpen = false;
      this.#endListener?.();
    });
    // What happens to a batch is told by the batch.
    client.on('error', () => this.destroy());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  run(batch: PostgresBatch): Promise<BatchEnd> {
    if (!this.#isOpen) return Promise.resolve({ kind: 'lost', cause: new Error('the connection has ended') });
    this.#client.query(batch);
    return batch.ended;
  }

  limit(maxBytes: number): void {
    this.#mayReceive = maxBytes;
  }

  end(): void {
    this.#isOpen = false;
    this.#socket.end(terminate, () => this.#socket.destroy());
  }

  destroy(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }

  abandon(): void {
    if (!this.#isOpen) return;
    this.destroy();
    // Nobody waits for it: where it does not arrive, the statement's own timeout ends it.
    void this.#requestCancel().catch(() => {});
  }

  async #requestCancel(): Promise<void> {
    const { processID, secretKey } = this.#client;
    if (processID === null || secretKey === null) return;
    // Dialled and proven like every other connection: whoever reads the key could stop the statements of this one.
    const socket = await this.#dial();
    socket.on('error', () => {}).setTimeout(cancelMs, () => socket.destroy());
    // The server answers by hanging up.
    socket.resume().end(cancelRequest(processID, secretKey));
  }

  onEnd(listener: () => void): void {
    this.#endListener = listener;
    if (this.#socket.destroyed) listener();
  }
}

// Frontend/Backend Protocol, "CancelRequest": length 16, code 80877102.
function cancelRequest(processId: number, secretKey: number): Buffer {
  const bytes = Buffer.alloc(16);
  [16, 80_877_102, processId, secretKey].forEach((number, index) => bytes.writeInt32BE(number, 4 * index));
  return bytes;
}

function signInError(error: unknown): SallyportError {
  const serverError = serverErrorOf(error);
  if (serverError === undefined) return refusedSignIn(error);
  const cause = new Error(serverErrorText(serverError));
  // Class 28: invalid authorisation, wrong passwords among them.
  if (serverError.code.startsWith('28')) {
    return new SallyportError('UPSTREAM_REFUSED_CREDENTIAL', 'the database refused the credential; tell the operator', {
      cause,
    });
  }
  // Class 53 and 57P03: no room for another connection, or not ready yet.
  if (/^(?:53|57P03)/.test(serverError.code)) {
    return new SallyportError(
      'UPSTREAM_UNREACHABLE',
      'the database takes no connection at the moment; try again later',
      {
        cause,
      },
    );
  }
  return new SallyportError('UPSTREAM_REFUSED', 'the database refused the connection; tell the operator', { cause });
}

function refusedSignIn(error: unknown): SallyportError {
  const isProtocol = error instanceof Error && (error instanceof SignInRefusal || error.message.startsWith('SASL'));
  if (!isProtocol) {
    return new SallyportError('UPSTREAM_UNREACHABLE', 'the connection to the database failed', { cause: error });
  }
  return new SallyportError('UPSTREAM_IDENTITY', 'the database does not sign in by SCRAM-SHA-256; tell the operator', {
    cause: error instanceof SignInRefusal ? error : new Error('SCRAM failed: the server does not know the password'),
  });
}
