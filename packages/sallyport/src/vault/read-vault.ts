// What a locked vault says of itself: which versions there are, for which target and since when. Nothing of it is sealed.
import type { Store } from '../store/store.ts';
import type { Vault } from './vault.ts';
import { readRecordedVersions, readVersions } from './version-rows.ts';

/** The versions in a store, as they are now; opens nothing and needs no key. @throws SallyportError STORE_FAILED */
export async function readVault(store: Store): Promise<Pick<Vault, 'current' | 'list'>> {
  const stored = await readVersions(store, await readRecordedVersions(store));
  const versions = stored.flatMap(({ facts }) => facts ?? []);
  return {
    current: (credential) => versions.find((each) => each.credential === credential && each.state === 'current'),
    list: () => versions,
  };
}
