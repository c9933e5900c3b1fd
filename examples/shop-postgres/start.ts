// What `npm start -- --example shop-postgres` runs: the shop with its orders in PostgreSQL.
import { fileURLToPath } from 'node:url';
import { startShop } from '../shop/start.ts';
import { serviceKey } from '../shop/variant.ts';
import { findPrograms, makeCertificates, rolePassword, startShopServer } from './database.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const found = await findPrograms();
  if ('missing' in found) {
    process.stderr.write(`This example starts a PostgreSQL of its own, and ${found.missing}.\n`);
    process.stderr.write('Install it and start again. On macOS: brew install postgresql\n');
    return 2;
  }
  return await startShop({
    folder: fileURLToPath(new URL('.', import.meta.url)),
    stateName: 'shop-postgres-example',
    secrets: [rolePassword, serviceKey],
    hasServer: true,
    prepareData: makeCertificates,
    startDatabase: async (start) => {
      const server = await startShopServer(found.postgres, start);
      return () => server.stop();
    },
  });
}
