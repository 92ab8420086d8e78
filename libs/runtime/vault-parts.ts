import type pg from 'pg';
import type { Configuration } from '@fundflow/nest-edge/configuration';
import { stagedOf } from '@fundflow/submissions/postgres/staged-people';
import { loadVaultKeys } from '@fundflow/vault/key-file';
import type { VaultKeySource } from '@fundflow/vault/postgres/keyring';
import { postgresVaultExists } from '@fundflow/vault/postgres/schema';

/** The keys of personal data: the configured ones, else those of the file beside the data directory. */
export async function vaultKeySource(
  pool: pg.Pool,
  { vaultKey: configured, dataDirectory }: Configuration,
): Promise<VaultKeySource> {
  let vaultExists = await postgresVaultExists(pool);
  return {
    read: () => {
      const keys = loadVaultKeys({ configured, dataDirectory, vaultExists });
      // A file that is lost later must not be made anew.
      vaultExists = true;
      return keys;
    },
  };
}

const SUBMISSION = /^submission:([0-9a-f-]{36})$/;

/** For `checkVault`: a submission that still has staged rows may have posted what is not in the vault yet. */
export function underWayOf(
  pool: pg.Pool,
): (causes: readonly string[]) => Promise<ReadonlySet<string>> {
  return async (causes) => {
    const ids = causes.flatMap((cause) => SUBMISSION.exec(cause)?.[1] ?? []);
    const staged = await stagedOf(pool, ids);
    return new Set(causes.filter((cause) => staged.has(SUBMISSION.exec(cause)?.[1] ?? '')));
  };
}
