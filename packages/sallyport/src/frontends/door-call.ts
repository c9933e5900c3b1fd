// A call as the agents' doors hand it on. Its signal is made where it is listened to: only what ends with its client does.
import type { CallRequest } from '../domain/call.ts';
import type { DoorRequest } from '../net/door-request.ts';

type Facts = Omit<CallRequest, 'signal'>;

/** What a front door hands to the pipeline. */
export class DoorCall implements CallRequest {
  readonly door: Facts['door'];
  readonly token: Facts['token'];
  readonly name: Facts['name'];
  readonly input: Facts['input'];
  readonly idempotencyKey: Facts['idempotencyKey'];
  readonly #request: Pick<DoorRequest, 'abortSignal'>;

  constructor(request: Pick<DoorRequest, 'abortSignal'>, { door, token, name, input, idempotencyKey }: Facts) {
    this.door = door;
    this.token = token;
    this.name = name;
    this.input = input;
    this.idempotencyKey = idempotencyKey;
    this.#request = request;
  }

  get signal(): AbortSignal {
    return this.#request.abortSignal();
  }
}
