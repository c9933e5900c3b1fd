// Makes a vault with a key file and many values in it, in one process: a command for each would take minutes.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createVaultState, openAdmin } from '../../packages/sallyport/src/app.ts';
import { statePaths } from '../../packages/sallyport/src/launch/state-paths.ts';

/** Fills the vault of a home folder; credentials are named `s0`, `s1`, …. Gives the token of the agent. */
export async function fillVault(place: {
  readonly config: string;
  readonly home: string;
  readonly credentials: number;
  readonly agent: string;
}): Promise<string> {
  const options = {
    configFile: place.config,
    paths: statePaths({ environment: {}, homeFolder: place.home }),
    wantsKeyFile: true,
    person: null,
    note: () => undefined,
  };
  await createVaultState(options);
  const admin = await openAdmin(options);
  try {
    for (let index = 0; index < place.credentials; index += 1) {
      const fields = { token: randomBytes(24).toString('base64url') };
      await admin.post(`/v1/credentials/s${index}`, z.unknown(), { fields, acceptWeak: false });
    }
    return (await admin.post(`/v1/agents/${place.agent}/token`, z.object({ token: z.string() }))).token;
  } finally {
    await admin.close();
  }
}
