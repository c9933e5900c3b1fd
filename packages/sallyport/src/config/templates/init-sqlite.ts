// The file that `sallyport init sqlite` writes: a SQLite file with two read operations to start from.

/** Text of a commented config that loads as it stands. */
export function initSqlite(): string {
  return `# What agents may do. Check it with \`sallyport check\`; every field is explained in docs/config.md.

services:
  shop:
    type: sqlite
    file: ./shop.db                # relative to this file; no credential: its permissions are its lock

operations:
  orders.by-customer:
    service: shop
    effect: read                   # runs on a read-only connection
    description: Orders of one customer, newest first.
    input:                         # closed and bounded: nothing else is accepted
      customer_id: { type: integer, minimum: 1 }
      limit: { type: integer, minimum: 1, maximum: 100, default: 20 }
    # One statement; values are bound by name, never pasted into the text.
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

agents:
  assistant:                       # sallyport agent add assistant
    token: { max-lifetime: 30d }
    # local: true                  # clients on this machine need no token: sallyport mcp
    session: { max-lifetime: 1h }
    effect: read                   # nothing above it, whatever is added to \`may\`
    may:
      - orders.*
`;
}
