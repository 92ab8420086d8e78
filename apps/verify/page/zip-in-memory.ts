import { unzipSync } from 'fflate';
import type { BundleMembers } from '@fundflow/proof/bundle';
import {
  BUNDLE_BYTES_MAX,
  MEMBERS_MAX,
  MEMBER_BYTES_MAX,
  parseMemberPath,
} from '@fundflow/proof/bundle-manifest';
import { Found } from '@fundflow/proof/findings';

/** A browser holds all of it in memory, so less than a bundle may be. */
const PAGE_BYTES_MAX = Math.min(BUNDLE_BYTES_MAX, 512 * 1024 * 1024);

/**
 * The members of a zip, unpacked in memory; a path is only ever a name to compare.
 *
 * @throws Found `malformed`: no zip, cut off, too large, a name no bundle has, a name twice
 */
export function membersOf(zip: Uint8Array, fileName: string): BundleMembers {
  const seen = new Set<string>();
  let bytes = 0;
  const refuse = (detail: string): never => {
    throw new Found({ code: 'malformed', what: fileName, detail });
  };
  const unpack = (): Record<string, Uint8Array> =>
    unzipSync(zip, {
      filter: ({ name, originalSize }) => {
        bytes += originalSize;
        if (parseMemberPath(name) === null) refuse('it has a member that no bundle has');
        if (seen.has(name)) refuse('a member stands there twice');
        if (seen.size === MEMBERS_MAX) refuse('it has too many members');
        if (originalSize > MEMBER_BYTES_MAX || bytes > PAGE_BYTES_MAX) refuse('it is too large');
        seen.add(name);
        return true;
      },
    });
  let members: Record<string, Uint8Array>;
  try {
    members = unpack();
  } catch (error) {
    if (error instanceof Found) throw error;
    return refuse('it is no zip, or cut off');
  }
  return {
    paths: [...seen],
    read: (path) => Promise.resolve(members[path] ?? new Uint8Array(0)),
  };
}
