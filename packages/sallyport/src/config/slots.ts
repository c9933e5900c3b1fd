// Reads pieces of a request: fixed text, or one whole input as `$name`; `$$` begins fixed text with a dollar.
import type { JsonValue } from '../domain/json-value.ts';
import type { BodyTemplate, Slot } from '../domain/operation.ts';
import type { InputScope } from './input-scope.ts';
import { isJsonList, isJsonMap, kindOf, openMap } from './map-reader.ts';
import { isInputName } from './names.ts';
import type { Spot } from './spot.ts';
import { at, report } from './spot.ts';

const maxBodyDepth = 16;

/** Reads a text that is fixed or a whole input; undefined after reporting what is wrong. */
function readSlot(spot: Spot, value: JsonValue, scope: InputScope): Slot | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return { kind: 'fixed', text: String(value) };
  if (typeof value !== 'string') return report(spot, `must be fixed text or \`$input\`, not ${kindOf(value)}`);
  return readText(spot, value, (name) => scope.use(spot, name, 'scalar'));
}

function readText(spot: Spot, text: string, use: (name: string) => void): Slot | undefined {
  if (text.startsWith('$$')) return { kind: 'fixed', text: text.slice(1) };
  if (!text.startsWith('$')) return { kind: 'fixed', text };
  const name = text.slice(1);
  if (!isInputName(name)) return report(spot, 'begins with `$` but names no input; `$$` writes a dollar');
  use(name);
  return { kind: 'input', name };
}

/** Reads a map of names to slots; `nameFault` says what is wrong with a name. */
export function readSlots(spot: Spot, value: JsonValue, options: SlotOptions): Readonly<Record<string, Slot>> {
  const slots: Record<string, Slot> = {};
  if (!isJsonMap(value)) {
    openMap(spot, value);
    return slots;
  }
  for (const [name, item] of Object.entries(value)) {
    const fault = options.nameFault(name);
    if (fault !== undefined) report(at(spot, name), fault);
    const slot = readSlot(at(spot, name), item, options.scope);
    if (slot !== undefined) slots[name] = slot;
  }
  return slots;
}

/** How a map of slots is read. */
export interface SlotOptions {
  readonly scope: InputScope;
  nameFault(name: string): string | undefined;
}

/** Reads a JSON body in which texts `$name` are whole inputs; undefined after reporting what is wrong. */
export function readBody(spot: Spot, value: JsonValue, scope: InputScope): BodyTemplate | undefined {
  if (spot.path.length > maxBodyDepth + 5) return report(spot, `is nested deeper than ${maxBodyDepth} levels`);
  if (typeof value === 'string') {
    const slot = readText(spot, value, (name) => scope.use(spot, name, 'any'));
    return slot?.kind === 'fixed' ? { kind: 'value', value: slot.text } : slot;
  }
  if (isJsonList(value)) {
    const items = value.map((item, index) => readBody(at(spot, index), item, scope));
    return { kind: 'array', items: items.filter((item) => item !== undefined) };
  }
  if (value === null || typeof value !== 'object') return { kind: 'value', value };
  if (!isJsonMap(value)) return undefined;
  const fields: Record<string, BodyTemplate> = {};
  for (const [name, item] of Object.entries(value)) {
    const field = readBody(at(spot, name), item, scope);
    if (field !== undefined) fields[name] = field;
  }
  return { kind: 'object', fields };
}
