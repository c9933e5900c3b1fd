// What the driver says and hears before a session is signed in: our own greeting, and no answer to a server that wants a password.
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Connection } from 'pg';

declare module 'pg' {
  // Parts of the driver that its types leave out.
  interface Connection {
    attachListeners(stream: Duplex): void;
    startup(parameters: Readonly<Record<string, string>>): void;
  }
  interface Client {
    readonly connectionParameters: { password: string | undefined };
    readonly processID: number | null;
    readonly secretKey: number | null;
  }
  interface ClientConfig {
    connection?: Connection;
  }
}

/** Whom to sign in as, and where. */
export interface SignIn {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A way to sign in that would show the password, or would prove nothing about the server. */
export class SignInRefusal extends Error {}

/** The driver's connection over a socket that is connected already; it refuses every way to sign in but SCRAM. */
export class DialledConnection extends Connection {
  readonly #socket: Socket;
  readonly #signIn: SignIn;
  #isServerProven = false;

  constructor(socket: Socket, signIn: SignIn) {
    super({ stream: () => socket, ssl: false });
    this.#socket = socket;
    this.#signIn = signIn;
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

  /** Called by the driver with what it made of the environment (PGOPTIONS, PGREPLICATION), which is not looked at. */
  override startup(): void {
    const { user, database } = this.#signIn;
    super.startup({ user, database, application_name: 'sallyport' });
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
