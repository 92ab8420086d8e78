import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { sm3 } from 'sm-crypto-v2';
import type { BundleMeans } from '@fundflow/proof/bundle';
import { fromHex } from '@fundflow/proof/encoding';
import { treeHashOf } from '@fundflow/proof/tree-hash';

const sm3Bytes = (bytes: Uint8Array): Uint8Array => fromHex(sm3(bytes), 'SM3');

/** What a browser computes by itself, from disk: WebCrypto is not there on every page that is opened from a file. */
export const browserMeans: BundleMeans = {
  crypto: {
    sha256,
    verifyEd25519: (publicKey, message, signature) => {
      try {
        // RFC 8032 as Node has it, not the looser ZIP 215.
        return ed25519.verify(signature, message, publicKey, { zip215: false });
      } catch {
        return false;
      }
    },
  },
  sm3: sm3Bytes,
  tree: (name) => treeHashOf(name, name === 'sha256' ? sha256 : sm3Bytes),
};
