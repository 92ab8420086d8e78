import { writeSync } from 'node:fs';
import { heldNames } from '@fundflow/public-totals/held-names';
import { keepIndexKeyInFile, loadVaultKeys } from '@fundflow/vault/key-file';
import { rotateIndexKey } from '@fundflow/vault/postgres/rotate-index';
import pg from 'pg';

/**
 * Changes the key of the blind indexes and stops for good after its first durable step, or, when there was none to make,
 * with what it does last in hand, waiting to be killed.
 */
const [url = '', dataDirectory = '', batch = '1'] = process.argv.slice(2);

function stop(where: string): void {
  writeSync(1, `${where}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const pool = new pg.Pool({ connectionString: url, max: 2 });
await rotateIndexKey({
  pool,
  source: { read: () => loadVaultKeys({ configured: null, dataDirectory, vaultExists: true }) },
  elsewhere: heldNames,
  renameStaged: () => Promise.resolve(),
  keepApart: (former) => {
    keepIndexKeyInFile(dataDirectory, former);
    stop('apart');
  },
  onProgress: (step, done) => (done > 0 ? stop(step) : undefined),
  batch: Number(batch),
});
await pool.end();
