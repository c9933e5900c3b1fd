// Follows the inputs of one operation through its request: names must exist, fit their place, and be used.
import type { JsonObject } from '../domain/json-value.ts';
import { isScalarSchema } from '../domain/scalar-schema.ts';
import { suggestion } from './nearest-name.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

/** One declared input. */
export interface DeclaredInput {
  /** As written, without our own key `optional`. */
  readonly schema: JsonObject;
  /** It may be left out: optional, or with a default. */
  readonly isOptional: boolean;
}

/** What a place in the request asks of an input: any JSON, one text or number, or that and never left out. */
export type InputNeed = 'any' | 'scalar' | 'present';

/** The inputs of an operation, and which of them its request used. */
export class InputScope {
  readonly #inputs: ReadonlyMap<string, DeclaredInput | undefined>;
  readonly #used = new Set<string>();

  /** Inputs that could not be read are there as undefined: their names are known. */
  constructor(inputs: ReadonlyMap<string, DeclaredInput | undefined>) {
    this.#inputs = inputs;
  }

  /** Marks an input as used; reports a name that does not exist or does not fit. */
  use(spot: Spot, name: string, need: InputNeed): void {
    if (!this.#inputs.has(name)) {
      report(spot, `no input is named \`${name}\`${suggestion(name, this.#inputs.keys())}`);
      return;
    }
    this.#used.add(name);
    const input = this.#inputs.get(name);
    if (input === undefined || need === 'any') return;
    if (!isScalarSchema(input.schema)) report(spot, `\`${name}\` may be a list, map or null, which has no place here`);
    if (need === 'present' && input.isOptional && !Object.hasOwn(input.schema, 'default')) {
      report(spot, `\`${name}\` may be left out, but this place needs it; give it a default or make it required`);
    }
  }

  /** Reports the inputs that no place used: an agent would believe that they matter. */
  reportUnused(inputSpot: Spot): void {
    for (const name of this.#inputs.keys()) {
      if (!this.#used.has(name)) report(at(inputSpot, name), `the input \`${name}\` is used nowhere in the request`);
    }
  }
}
