-- What an administrator does once: the tables, and a role that may do what the operations of sallyport.yaml do, and nothing else.
create table customers (id int primary key, name text not null, city text not null, email text not null);
create table orders (
  id int primary key,
  customer_id int not null references customers,
  status text not null,
  total_cents int not null,
  placed_at timestamptz not null
);
create index orders_by_customer on orders (customer_id, placed_at);

-- Functions of PostgreSQL that everybody may call by default and that no read-only transaction stops: none of them is
-- called by a statement of the config, but a view or a trigger could.
revoke temporary on database shop from public;
revoke all on schema public from public;
revoke execute on function lo_create(oid), lo_creat(int), lo_from_bytea(oid, bytea) from public;
revoke execute on function pg_notify(text, text) from public;

grant usage on schema public to shop_agent;
grant select (id, name, city) on customers to shop_agent;
grant select (id, customer_id, status, total_cents, placed_at), update (status) on orders to shop_agent;
