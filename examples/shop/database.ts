// The shop's SQLite database: customers and orders, the same rows every time.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const customerCount = 2000;
const ordersPerCustomer = 4;
const firstNames = ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana', 'Ivo', 'Jana'];
const lastNames = ['Alder', 'Birch', 'Cedar', 'Elm', 'Fir', 'Hazel', 'Larch', 'Maple', 'Oak', 'Pine'];
const cities = ['Bremen', 'Graz', 'Lyon', 'Porto', 'Turku'];
const states = ['placed', 'packed', 'shipped', 'delivered'];
const dayMs = 86_400_000;
const firstOrderMs = Date.UTC(2026, 0, 1);

/** Creates the database unless it is there. */
export function createShopDatabase(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec(`
    pragma journal_mode = wal;
    begin;
    create table customers (id integer primary key, name text not null, city text not null, email text not null);
    create table orders (
      id integer primary key,
      customer_id integer not null references customers (id),
      status text not null,
      total_cents integer not null,
      placed_at text not null
    );
    create index orders_by_customer on orders (customer_id, placed_at);
  `);
  fill(database);
  database.exec('commit');
  database.close();
}

function fill(database: DatabaseSync): void {
  const addCustomer = database.prepare('insert into customers values (?, ?, ?, ?)');
  const addOrder = database.prepare('insert into orders values (?, ?, ?, ?, ?)');
  for (let id = 1; id <= customerCount; id += 1) {
    const name = `${pick(firstNames, id)} ${pick(lastNames, id * 7)}`;
    addCustomer.run(id, name, pick(cities, id * 3), `customer${id}@shop.example`);
    for (let nth = 0; nth < ordersPerCustomer; nth += 1) {
      const orderId = (id - 1) * ordersPerCustomer + nth + 1;
      const placedAt = new Date(firstOrderMs + ((orderId * 37) % 320) * dayMs).toISOString();
      addOrder.run(orderId, id, pick(states, orderId), 1000 + ((orderId * 7919) % 40_000), placedAt);
    }
  }
}

function pick(list: readonly string[], seed: number): string {
  return list[seed % list.length] ?? '';
}
