// One signed-in connection to a database: the driver speaks the protocol over a socket that was dialled and proven for it.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, Connection } from 'pg';
import { SallyportError } from '../domain/errors.ts';
import type { BatchEnd, PostgresBatch } from './postgres-batch.ts';
import { serverErrorOf, serverErrorText } from './postgres-batch.ts';

declare module 'pg' {
  // Parts of the driver that its types leave out.
  interface Connection {
    attachListeners(stream: Duplex): void;
  }
  interface ClientConfig {
    connection?: Connection;
  }
}

// "Terminate": without it the server would report a lost connection.
const terminate = Buffer.from([0x58, 0, 0, 0, 4]);

/** Whom to sign in as, and where. */
export interface SignIn {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

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
  /** Called once, when the connection has ended. */
  onEnd(listener: () => void): void;
}

// Greeting, SCRAM and settings; a server that says more before it is asked anything is none.
const maxSignInBytes = 64 * 1024;

/**
 * Signs in by SCRAM, with channel binding where the server offers it; the password itself is never sent.
 * @throws SallyportError UPSTREAM_IDENTITY, UPSTREAM_REFUSED_CREDENTIAL, UPSTREAM_REFUSED, UPSTREAM_UNREACHABLE
 */
export async function openSession(socket: Socket, signIn: SignIn): Promise<PostgresSession> {
  const connection = new DialledConnection(socket);
  const client = new Client({
    ...signIn,
    // Everything is said here, because the driver would take what is left out from the environment.
    host: 'localhost',
    port: 1,
    ssl: false,
    application_name: 'sallyport',
    client_encoding: 'UTF8',
    connection,
    // Bound to the certificate that was verified: nobody between can pass the sign-in on.
    enableChannelBinding: 'encrypted' in socket,
  });
  const session = new Session(client, socket);
  session.limit(maxSignInBytes);
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw signInError(error);
  } finally {
    // Connections last longer than the moment that the password is needed for.
    client.password = undefined;
  }
  return session;
}

/** A way to sign in that would show the password, or would prove nothing about the server. */
class SignInRefusal extends Error {}

class DialledConnection extends Connection {
  readonly #socket: Socket;
  #isServerProven = false;

  constructor(socket: Socket) {
    super({ stream: () => socket, ssl: false });
    this.#socket = socket;
    this.on('authenticationCleartextPassword', () => this.#refuse('the server asks for the password in clear text'));
    this.on('authenticationMD5Password', () => this.#refuse('the server asks for the password as MD5'));
    this.on('authenticationSASLFinal', () => {
      this.#isServerProven = true;
    });
    // Without SCRAM's last message the server has not shown that it knows the password.
    this.on('authenticationOk', () => {
      if (!this.#isServerProven) this.#refuse('the server lets everybody in without a password');
    });
  }

  /** Called by the driver in place of connecting: the socket is connected. */
  connect(): void {
    this.#socket.on('error', (error) => this.emit('error', error)).on('close', () => this.emit('end'));
    this.attachListeners(this.#socket);
    setImmediate(() => this.emit('connect'));
  }

  /** The driver's answer to the two requests above. */
  password(): void {
    this.#refuse('the password is never sent');
  }

  #refuse(message: string): void {
    this.emit('error', new SignInRefusal(message));
    this.#socket.destroy();
  }
}

class Session implements PostgresSession {
  readonly #client: Client;
  readonly #socket: Socket;
  #isOpen = true;
  #mayReceive = 0;
  #endListener: (() => void) | undefined;

  constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
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

  onEnd(listener: () => void): void {
    this.#endListener = listener;
    if (this.#socket.destroyed) listener();
  }
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
