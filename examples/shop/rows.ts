// The shop's customers and orders: the same rows every time, for whichever database holds them.

/** A customer, as a row. */
export type CustomerRow = readonly [id: number, name: string, city: string, email: string];

/** An order, as a row. */
export type OrderRow = readonly [id: number, customerId: number, status: string, totalCents: number, placedAt: string];

const customerCount = 2000;
const ordersPerCustomer = 4;
const firstNames = ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana', 'Ivo', 'Jana'];
const lastNames = ['Alder', 'Birch', 'Cedar', 'Elm', 'Fir', 'Hazel', 'Larch', 'Maple', 'Oak', 'Pine'];
const cities = ['Bremen', 'Graz', 'Lyon', 'Porto', 'Turku'];
const states = ['placed', 'packed', 'shipped', 'delivered'];
const dayMs = 86_400_000;
const firstOrderMs = Date.UTC(2026, 0, 1);

/** Every customer. */
export function customers(): readonly CustomerRow[] {
  return Array.from({ length: customerCount }, (_, index) => {
    const id = index + 1;
    const name = `${pick(firstNames, id)} ${pick(lastNames, id * 7)}`;
    return [id, name, pick(cities, id * 3), `customer${id}@shop.example`];
  });
}

/** Every order, those of one customer beside each other. */
export function orders(): readonly OrderRow[] {
  return Array.from({ length: customerCount * ordersPerCustomer }, (_, index) => {
    const id = index + 1;
    const customerId = Math.floor(index / ordersPerCustomer) + 1;
    const placedAt = new Date(firstOrderMs + ((id * 37) % 320) * dayMs).toISOString();
    return [id, customerId, pick(states, id), 1000 + ((id * 7919) % 40_000), placedAt];
  });
}

function pick(list: readonly string[], seed: number): string {
  return list[seed % list.length] ?? '';
}
