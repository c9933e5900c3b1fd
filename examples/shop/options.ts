// The options of the example, and what `--help` says of them.
import { parseArgs } from 'node:util';

const usage = `npm start [-- OPTIONS]: a shop's service and database, Sallyport in front of them, and an agent

  --port N          where agents connect (7420)
  --service-port N  where the shop's service listens (7430)
  --database-port N where the database listens, in an example whose database is a server (7440)
  --example NAME    another one: shop-postgres, with the orders in PostgreSQL
  --once            end after the agent's script; status 0 only if every step went as promised
  --json            steps as JSON in the last line; everything else goes to standard error
  --data FOLDER     where the database is kept (data/ beside the example)
`;

/** The options; ends the process for `--help`, and with status 2 for what is no option. */
export function readOptions() {
  try {
    const { help, ...values } = parse();
    if (!help) return values;
    process.stdout.write(usage);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

function parse() {
  return parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '7420' },
      'service-port': { type: 'string', default: '7430' },
      /** For examples whose database is a server. */
      'database-port': { type: 'string', default: '7440' },
      data: { type: 'string' },
      /** The service's own log, with everything that it received: the tests look for the key in what the agent saw. */
      'service-log': { type: 'string' },
      /** Every text that reached the agent, for the same purpose. */
      'agent-log': { type: 'string' },
    },
  }).values;
}
