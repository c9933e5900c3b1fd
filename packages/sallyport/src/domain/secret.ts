// Keeps secret values from being printed, logged or serialised by accident: they come out only through reveal().

const inspect = Symbol.for('nodejs.util.inspect.custom');
const label = '[secret]';

/** A secret text value; every implicit conversion gives `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call only where it is placed, sealed, matched or rotated. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return label;
  }

  toJSON(): string {
    return label;
  }

  [inspect](): string {
    return label;
  }
}

/** One field of a credential's payload: secret, or public (a user name). */
export type SecretField =
  | { readonly secret: true; readonly value: Secret }
  | { readonly secret: false; readonly value: string };

/** A credential's payload: named fields by kind, never one string. */
export type SecretFields = Readonly<Record<string, SecretField>>;
