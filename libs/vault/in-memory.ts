import { allMasked, openRecorded } from './open-recorded.js';
import type { VaultKey } from './vault-key.js';
import { type Vault, type VaultEntry, assertBatch } from './vault.js';

/** The double of tests: it keeps every promise of the port except durability. */
export function inMemoryVault(key: VaultKey): Vault {
  const entries = new Map<string, VaultEntry>();
  const open: Vault['open'] = async (recorded) => {
    assertBatch(recorded.length);
    return openRecorded(recorded, entries, key);
  };
  return {
    async putAll(added) {
      assertBatch(added.length);
      const result = { stored: [] as string[], repeated: [] as string[], kept: [] as string[] };
      for (const entry of added) {
        const known = entries.get(entry.eventId);
        if (known === undefined) {
          entries.set(entry.eventId, entry);
          result.stored.push(entry.eventId);
        } else if (known.sealed.equals(entry.sealed)) result.repeated.push(entry.eventId);
        else result.kept.push(entry.eventId);
      }
      return result;
    },
    open,
    openMasked: async (recorded) => allMasked(await open(recorded)),
    async findSubject(subject, { after, limit }) {
      assertBatch(limit);
      return [...entries.values()]
        .filter((entry) => entry.subject.equals(subject))
        .map((entry) => entry.eventId)
        .sort()
        .filter((eventId) => after === null || eventId > after)
        .slice(0, limit);
    },
    async destroy(eventIds) {
      assertBatch(eventIds.length);
      return eventIds.filter((eventId) => entries.delete(eventId)).length;
    },
  };
}
