import { writeSync } from 'node:fs';
import { addKeyToFile, loadVaultKeys } from '@fundflow/vault/key-file';
import { rotateVaultKey } from '@fundflow/vault/postgres/rotate';
import pg from 'pg';

/** Changes the vault's key and stops for good once so many keys of people are wrapped anew, waiting to be killed. */
const [url = '', dataDirectory = '', stopAt = '0'] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 2 });
await rotateVaultKey({
  pool,
  source: { read: () => loadVaultKeys({ configured: null, dataDirectory, vaultExists: true }) },
  addKey: () => addKeyToFile(dataDirectory),
  rewrapStaged: () => Promise.resolve(0),
  onProgress: (wrapped) => {
    if (wrapped < Number(stopAt)) return;
    writeSync(1, `stopped at ${wrapped}\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
await pool.end();
