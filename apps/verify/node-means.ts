import type { BundleMeans } from '@fundflow/proof/bundle';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { sha256Tree, sm3, sm3Tree } from '@fundflow/proof/node-hash';

/** What Node can compute: everything a bundle may ask for. */
export const nodeMeans: BundleMeans = {
  crypto: nodeCrypto,
  sm3,
  tree: (name) => (name === 'sha256' ? sha256Tree : sm3Tree),
};
