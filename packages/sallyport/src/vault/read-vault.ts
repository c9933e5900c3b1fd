// What a locked vault says of itself: which versions there are, for which target and since when. Nothing of it is sealed.
import type { Store } from '../store/store.ts';
import type { Vault } from './vault.ts';
import { hasAlteredRow, readRecordedVersions, readVersions } from './version-rows.ts';

/** The versions in a store, as they are now; opens nothing and needs no key. @throws SallyportError STORE_FAILED */
export async function readVault(store: Store): Promise<Pick<Vault, 'current' | 'list' | 'isUnreadable'>> {
  const stored = await readVersions(store, await readRecordedVersions(store));
  const versions = stored.flatMap(({ facts }) => facts ?? []);
  const current: Vault['current'] = (credential) =>
    versions.find((each) => each.credential === credential && each.state === 'current');
  return {
    current,
    list: () => versions,
    isUnreadable: (credential) => current(credential) === undefined && hasAlteredRow(stored, credential),
  };
}
