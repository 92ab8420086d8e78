import type { Payee } from '@fundflow/domain/rows';
import type { PayeeValues } from './payload.js';
import type { SealedEntry } from './seal.js';

/** A payee as a record names a person: commitments, or null where the row had no value. */
export type PersonPayee = Extract<Payee, { kind: 'person' }>;

export interface VaultEntry extends SealedEntry {
  /** Of the event whose record holds the commitments; a UUID in lower case. */
  readonly eventId: string;
  /** Region of the record (unpadded code): searching for people is a matter of jurisdiction. Empty: the centre finds it. */
  readonly region: string;
}

export interface PutResult {
  /** Event ids that were new. */
  readonly stored: readonly string[];
  /** There already with the very same values and openings: a repeated posting. Also what was erased since, and stays so. */
  readonly repeated: readonly string[];
  /**
   * There already with other openings, which stay: the row was sealed again. The record must carry the
   * commitments that belong to what stays, so the caller may not append the newer ones.
   */
  readonly kept: readonly string[];
}

/** Entries that are put and that nobody sees. It must be ended, by one call of either. */
export interface PutUnderWay {
  /** As `putAll` of these entries: durable when it answers. */
  keep(): Promise<PutResult>;
  /** Nothing was put. */
  drop(): Promise<void>;
}

export interface RecordedPayee {
  readonly eventId: string;
  /** As the record of that event has it: what the vault answers is checked against these commitments. */
  readonly payee: PersonPayee;
}

/** Why there is nothing to show of a person: destroyed for good, or kept and not to be used. */
export type Standing = 'erased' | 'restricted';

/** Per call; more is a RangeError. One part of a posting fits. */
export const VAULT_BATCH_MAX = 10_000;

/** What a vault answered is not what the records committed to, or cannot be decrypted. */
export class VaultTampered extends Error {
  override readonly name = 'VaultTampered';

  constructor(readonly eventIds: readonly string[]) {
    super(
      `个人信息保险库的内容与账本记录不符（${eventIds.length} 条），疑被改动：${eventIds.slice(0, 5).join('、')}`,
    );
  }
}

/**
 * Where the values behind the commitments lie: outside the record, so that they can be erased and the
 * record stays whole. In-memory (tests) and PostgreSQL; `contract.ts` says what both promise.
 *
 * Put after the append was acknowledged, from sealed bytes that are kept until this has answered, and
 * again after a crash. An entry put before an append that is then refused would stand in the way of
 * the corrected row, which was sealed anew (`kept`).
 */
export interface Vault {
  /**
   * Keeps every entry whose event id is not known yet, under the key of its person, which is made when it is the first;
   * durable when it answers. Of processes that put a person at once one makes the key and all use it. At most
   * `VAULT_BATCH_MAX`.
   */
  putAll(entries: readonly VaultEntry[]): Promise<PutResult>;

  /**
   * Begins to put them while the append is on its way, so that most of the work is done when that is acknowledged. A crash
   * before `keep` leaves nothing. Meanwhile whoever puts, destroys or changes keys of the same people may wait for it: end
   * it as soon as the append has ended.
   */
  beginPut(entries: readonly VaultEntry[]): PutUnderWay;

  /**
   * The values in clear, by event id; one that is not there (erased, or never put) is left out. Every
   * answer was checked against the record's commitments.
   *
   * @throws VaultTampered naming every event whose entry does not match
   */
  open(recorded: readonly RecordedPayee[]): Promise<Map<string, PayeeValues>>;

  /**
   * The same, masked for the screen: 韦*某, first six and last four of an ID, last four of an account; what is restricted
   * is left out.
   */
  openMasked(recorded: readonly RecordedPayee[]): Promise<Map<string, PayeeValues>>;

  /**
   * Event ids of everything kept about a person (`subjectOf`), in the order of the ids, after `after`.
   *
   * @param page.limit 1 to `VAULT_BATCH_MAX`
   */
  findSubject(
    subject: Buffer,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<string[]>;

  /** Of these events those that are erased, or about somebody whose data are restricted. */
  standing(eventIds: readonly string[]): Promise<Map<string, Standing>>;

  /**
   * Destroys ciphertexts, search tokens and the keys they were under; answers how many entries were there. What else is
   * kept of a person is put under a new key. Appending the event that says so is the caller's.
   */
  destroy(eventIds: readonly string[]): Promise<number>;
}

export function assertBatch(size: number): void {
  if (size > VAULT_BATCH_MAX) {
    throw new RangeError(`at most ${VAULT_BATCH_MAX} entries a call, not ${size}`);
  }
}
