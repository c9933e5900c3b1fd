// What differs between the examples that run the shop: where its orders lie, and which secrets that takes.
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createShopDatabase } from './database.ts';
import type { ShopPorts } from './setup.ts';

/** One way to run the shop. */
export interface ShopVariant {
  /** Where its config lies. */
  readonly folder: string;
  /** The name of this Sallyport: state and key lie under it in the user's own folders. */
  readonly stateName: string;
  readonly secrets: readonly ShopSecret[];
  /** Makes the files that the config names. */
  readonly prepareData: (dataFolder: string) => void;
  /** Whether its database is a server, with a port of its own. */
  readonly hasServer: boolean;
  /** Starts what the operations need besides the shop's service; the way to end it. */
  readonly startDatabase: (start: DatabaseStart) => Promise<() => Promise<void>>;
}

/** What a database server is started with. */
export interface DatabaseStart {
  /** By credential: what is needed to check its value. */
  readonly proofs: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  readonly ports: ShopPorts;
}

/** A secret that is made once, and goes into the vault only. */
export interface ShopSecret {
  readonly credential: string;
  /** What it is called to people. */
  readonly name: string;
  /** End of the name of the file for its proof. */
  readonly proof: string;
  /** The value as `sallyport credential add` reads it, and what its service needs to check it. */
  readonly make: () => { readonly value: string; readonly proof: string };
}

/** The key of the shop's HTTP service. */
export const serviceKey: ShopSecret = {
  credential: 'shop-api',
  name: 'key for the shop service',
  proof: 'service.sha256',
  make: () => {
    const value = `shop_${randomBytes(32).toString('base64url')}`;
    return { value, proof: createHash('sha256').update(value).digest('hex') };
  },
};

/** The shop with its orders in SQLite: what `npm start` runs. */
export const sqliteShop: ShopVariant = {
  folder: fileURLToPath(new URL('.', import.meta.url)),
  stateName: 'shop-example',
  secrets: [serviceKey],
  hasServer: false,
  prepareData: (dataFolder) => createShopDatabase(join(dataFolder, 'shop.db')),
  startDatabase: () => Promise.resolve(() => Promise.resolve()),
};
