import { allMasked, openRecorded, sameContent } from './open-recorded.js';
import { type VaultKey, keysOf } from './vault-key.js';
import { type Vault, type VaultEntry, assertBatch } from './vault.js';

/** The double of tests: it keeps every promise of the port except durability. */
export function inMemoryVault(key: VaultKey): Vault {
  const keys = keysOf(key);
  const entries = new Map<string, VaultEntry>();
  const erased = new Set<string>();
  const open: Vault['open'] = async (recorded) => {
    assertBatch(recorded.length);
    return openRecorded(recorded, entries, keys);
  };
  const vault: Vault = {
    async putAll(added) {
      assertBatch(added.length);
      const result = { stored: [] as string[], repeated: [] as string[], kept: [] as string[] };
      for (const entry of added) {
        const known = entries.get(entry.eventId);
        if (erased.has(entry.eventId)) result.repeated.push(entry.eventId);
        else if (known === undefined) {
          entries.set(entry.eventId, entry);
          result.stored.push(entry.eventId);
        } else if (sameContent(known, entry, keys)) result.repeated.push(entry.eventId);
        else result.kept.push(entry.eventId);
      }
      return result;
    },
    beginPut: (added) => ({ keep: () => vault.putAll(added), drop: () => Promise.resolve() }),
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
    async standing(eventIds) {
      assertBatch(eventIds.length);
      return new Map(eventIds.filter((id) => erased.has(id)).map((id) => [id, 'erased'] as const));
    },
    async destroy(eventIds) {
      assertBatch(eventIds.length);
      const there = eventIds.filter((eventId) => entries.delete(eventId));
      for (const eventId of there) erased.add(eventId);
      return there.length;
    },
  };
  return vault;
}
