import { randomBytes, randomUUID } from 'node:crypto';
import type { PayeeValues } from './payload.js';
import { sealPayee, subjectOf } from './seal.js';
import type { VaultKeys } from './vault-key.js';
import { type RecordedPayee, VAULT_BATCH_MAX, type Vault, type VaultEntry } from './vault.js';
import { VaultTampered } from './vault.js';

const WEI: PayeeValues = { name: '韦小某', code: '45012419650101123x', account: '6228 4804 0012' };
const QIN: PayeeValues = { name: '覃某', code: null, account: null };

interface Posted {
  readonly entry: VaultEntry;
  readonly recorded: RecordedPayee;
}

function post(values: PayeeValues, keys: VaultKeys, id: string = randomUUID()): Posted {
  const recordKey = `record:${id}`;
  const { sealed, subject, name, code, account } = sealPayee(values, recordKey, keys);
  const payee = { kind: 'person', name, code, account } as const;
  return {
    entry: { eventId: id, recordKey, sealed, subject, region: '450124' },
    recorded: { eventId: id, payee },
  };
}

/** What every vault promises; `make` gives an empty one with its keys. */
export function vaultContract(
  name: string,
  make: () => Promise<{ readonly vault: Vault; readonly keys: VaultKeys }>,
): void {
  describe(`the vault ${name}`, () => {
    let vault: Vault;
    let keys: VaultKeys;
    beforeEach(async () => {
      ({ vault, keys } = await make());
    });

    it('gives back what was put, in clear and masked', async () => {
      const [wei, qin] = [post(WEI, keys), post(QIN, keys)];
      await vault.putAll([wei.entry, qin.entry]);
      const opened = await vault.open([wei.recorded, qin.recorded]);
      expect(opened.get(wei.entry.eventId)).toEqual(WEI);
      expect(opened.get(qin.entry.eventId)).toEqual(QIN);
      const masked = await vault.openMasked([wei.recorded, qin.recorded]);
      expect(masked.get(wei.entry.eventId)).toEqual({
        name: '韦*某',
        code: '450124********123x',
        account: '**********0012',
      });
      expect(masked.get(qin.entry.eventId)).toEqual({ name: '覃*', code: null, account: null });
    });

    it('leaves out what nobody put', async () => {
      expect(await vault.open([post(WEI, keys).recorded])).toEqual(new Map());
      expect(await vault.putAll([])).toEqual({ stored: [], repeated: [], kept: [] });
    });

    it('keeps the first opening when a posting is repeated', async () => {
      const first = post(WEI, keys);
      const again = post(WEI, keys, first.entry.eventId);
      const { eventId } = first.entry;
      expect(await vault.putAll([first.entry])).toMatchObject({ stored: [eventId], kept: [] });
      expect(await vault.putAll([first.entry])).toMatchObject({ stored: [], repeated: [eventId] });
      expect(await vault.putAll([again.entry])).toMatchObject({ stored: [], kept: [eventId] });
      expect((await vault.open([first.recorded])).get(eventId)).toEqual(WEI);
      await expect(vault.open([again.recorded])).rejects.toThrow(VaultTampered);
    });

    it('stores the new ones of a batch that holds known ones, and one id twice in a batch once', async () => {
      const [known, fresh] = [post(WEI, keys), post(QIN, keys)];
      await vault.putAll([known.entry]);
      expect(await vault.putAll([known.entry, fresh.entry, fresh.entry])).toEqual({
        stored: [fresh.entry.eventId],
        repeated: [known.entry.eventId, fresh.entry.eventId],
        kept: [],
      });
    });

    it('begins a put beside an append: kept it is a put, dropped it was none', async () => {
      const [known, wei, qin] = [post(WEI, keys), post(WEI, keys), post(QIN, keys)];
      await vault.putAll([known.entry]);
      const other = post(QIN, keys, known.entry.eventId);
      const begun = vault.beginPut([wei, qin, known, qin].map(({ entry }) => entry));
      const result = await begun.keep();
      expect(new Set(result.stored)).toEqual(new Set([wei.entry.eventId, qin.entry.eventId]));
      expect(result.repeated).toEqual([known.entry.eventId, qin.entry.eventId]);
      const dropped = post(QIN, keys);
      await vault.beginPut([dropped.entry]).drop();
      const opened = await vault.open([wei, qin, known, dropped].map(({ recorded }) => recorded));
      expect([...opened.values()]).toEqual([WEI, QIN, WEI]);
      expect((await vault.beginPut([other.entry]).keep()).kept).toEqual([known.entry.eventId]);
    });

    it('names every event whose entry is not what its record committed to', async () => {
      const [wei, qin, other] = [post(WEI, keys), post(QIN, keys), post(WEI, keys)];
      // The entry of one record under the id of another: it opens, and belongs elsewhere.
      const swapped = { ...qin.entry, eventId: wei.entry.eventId };
      const { sealed } = other.entry;
      const flipped = Buffer.from(sealed);
      flipped[sealed.length - 1] = (sealed[sealed.length - 1] ?? 0) ^ 1;
      await vault.putAll([swapped, { ...other.entry, sealed: flipped }]);
      const opening = vault.open([wei.recorded, other.recorded, qin.recorded]);
      await expect(opening).rejects.toMatchObject({
        name: 'VaultTampered',
        eventIds: [wei.entry.eventId, other.entry.eventId],
      });
    });

    it('finds all entries of a person by the blind index, page by page', async () => {
      const id = { name: '韦小某', code: '45012419650101123X', account: null };
      const sameId = [post(WEI, keys), post(id, keys), post({ ...id, name: '韦晓某' }, keys)];
      await vault.putAll([...sameId, post(QIN, keys)].map(({ entry }) => entry));
      const expected = sameId.map(({ entry }) => entry.eventId).sort();
      const subject = subjectOf(id, keys.index);
      const first = await vault.findSubject(subject, { after: null, limit: 2 });
      const second = await vault.findSubject(subject, { after: first[1] ?? null, limit: 2 });
      expect([...first, ...second]).toEqual(expected);
      expect(await vault.findSubject(randomBytes(32), { after: null, limit: 2 })).toEqual([]);
    });

    it('has forgotten what was destroyed, and destroying again finds nothing', async () => {
      const [wei, qin] = [post(WEI, keys), post(QIN, keys)];
      await vault.putAll([wei.entry, qin.entry]);
      expect(await vault.destroy([wei.entry.eventId])).toBe(1);
      expect(await vault.destroy([wei.entry.eventId])).toBe(0);
      const opened = await vault.open([wei.recorded, qin.recorded]);
      expect([...opened.keys()]).toEqual([qin.entry.eventId]);
      const page = { after: null, limit: 10 };
      expect(await vault.findSubject(wei.entry.subject, page)).toEqual([]);
    });

    it('stays erased when the posting is repeated after the erasure', async () => {
      const wei = post(WEI, keys);
      await vault.putAll([wei.entry]);
      await vault.destroy([wei.entry.eventId]);
      const { eventId } = wei.entry;
      expect(await vault.putAll([wei.entry])).toEqual({
        stored: [],
        repeated: [eventId],
        kept: [],
      });
      expect(await vault.open([wei.recorded])).toEqual(new Map());
      expect(await vault.standing([eventId])).toEqual(new Map([[eventId, 'erased']]));
    });

    it('keeps the rest of a person of whom one entry was destroyed, and puts further ones', async () => {
      const posts = Array.from({ length: 4 }, () => post(WEI, keys));
      await vault.putAll(posts.slice(0, 3).map(({ entry }) => entry));
      await vault.destroy([posts[0]?.entry.eventId ?? '']);
      await vault.putAll(posts.slice(3).map(({ entry }) => entry));
      const opened = await vault.open(posts.map(({ recorded }) => recorded));
      const kept = posts.slice(1).map(({ entry }) => entry.eventId);
      expect([...opened.keys()].sort()).toEqual([...kept].sort());
      expect([...opened.values()]).toEqual(kept.map(() => WEI));
    });

    it('keeps people apart who are put again and again in one batch', async () => {
      const posts = Array.from({ length: 60 }, (_, i) => post(i % 3 === 0 ? WEI : QIN, keys));
      await vault.putAll(posts.slice(0, 20).map(({ entry }) => entry));
      await vault.putAll(posts.map(({ entry }) => entry));
      const opened = await vault.open(posts.map(({ recorded }) => recorded));
      posts.forEach(({ entry }, i) => {
        expect(opened.get(entry.eventId)).toEqual(i % 3 === 0 ? WEI : QIN);
      });
    });

    it('refuses more than one batch', async () => {
      const many = Array.from({ length: VAULT_BATCH_MAX + 1 }, () => post(QIN, keys));
      await expect(vault.putAll(many.map(({ entry }) => entry))).rejects.toThrow(RangeError);
      await expect(vault.open(many.map(({ recorded }) => recorded))).rejects.toThrow(RangeError);
    });
  });
}
