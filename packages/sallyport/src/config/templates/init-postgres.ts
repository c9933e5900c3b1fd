// The file that `sallyport init postgres` writes: a database with two read operations and one write to start from.

/** Text of a commented config that loads as it stands. */
export function initPostgres(): string {
  return `${access()}
operations:
${reads()}
${write()}
${agents()}`;
}

function access(): string {
  return `# What agents may do in the database. Holds no secret: user name and password are attached with
#   sallyport credential add shop
# Give that role what the operations below need, and nothing else; for these:
#   create role sallyport login password '…';       -- stored as SCRAM-SHA-256; nothing else is accepted
#   grant select on orders to sallyport;
#   grant update (status) on orders to sallyport;
# Check this file with \`sallyport check\`; every field is explained in docs/config.md.

services:
  shop:
    type: postgres
    host: db.example.com
    database: shop
    credential: shop
    # trust: { ca: ./db-ca.pem }   # certificates of the server's authority; those of the system where it is left out
    # addresses: [10.0.0.0/8]      # private addresses are refused unless they are declared

credentials:
  shop:
    kind: username-password
    max-lifetime: 90d              # older than this, it is refused
`;
}

function reads(): string {
  return `  orders.by-customer:
    service: shop
    effect: read                   # runs in a read-only transaction
    description: Orders of one customer, newest first.
    input:                         # closed and bounded: nothing else is accepted
      customer_id: { type: integer, minimum: 1 }
      limit: { type: integer, minimum: 1, maximum: 100, default: 20 }
    # One statement in the grammar of PostgreSQL; values are bound by name, never pasted into the text.
    sql: |
      select id, status, total from orders
      where customer_id = :customer_id
      order by placed_at desc limit :limit
    reply: { rows: 100 }           # the columns are those of the statement

  orders.count-by-status:
    service: shop
    effect: read
    description: How many orders have each status.
    sql: select status, count(*) as orders from orders group by status
    reply: { rows: 50 }
`;
}

function write(): string {
  return `  orders.cancel:
    service: shop
    effect: write                  # UPDATE or DELETE of every row would have to say: destroy
    description: Cancels an order that was not sent yet.
    input:
      order_id: { type: integer, minimum: 1 }
    sql: update orders set status = 'cancelled' where id = :order_id and status = 'open' returning id, status
    reply: { rows: 1 }
`;
}

function agents(): string {
  return `agents:
  assistant:                       # sallyport agent add assistant
    token: { max-lifetime: 30d }
    session: { max-lifetime: 1h }
    effect: write                  # nothing above it, whatever is added to \`may\`
    may:
      - orders.by-customer: { rate: 60/m }
      - orders.count-by-status
      - orders.cancel: { rate: 10/h, approval: required }
`;
}
