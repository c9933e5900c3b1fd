// The shop's SQLite database.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { customers, orders } from './rows.ts';

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
  for (const row of customers()) addCustomer.run(...row);
  const addOrder = database.prepare('insert into orders values (?, ?, ?, ?, ?)');
  for (const row of orders()) addOrder.run(...row);
}
