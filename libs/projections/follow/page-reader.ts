import type { EventStore } from '@fundflow/event-store/event-store';

/** A page and its bytes fit the memory, and one transaction a page costs little beside its rows. */
export const PAGE_SIZE_MAX = 5_000;

/** Records of consecutive positions, the first at `after` + 1. */
export interface ReadPage {
  readonly after: bigint;
  readonly records: readonly Buffer[];
}

/** Reads the log page by page, the next one while the caller still works on the last. */
export class PageReader {
  #ahead: { readonly after: bigint; readonly page: Promise<Buffer[]> } | null = null;

  constructor(
    private readonly store: Pick<EventStore, 'readRecordBytes'>,
    private readonly pageSizeMax = PAGE_SIZE_MAX,
  ) {}

  /**
   * Records with position > `after`, at most a page.
   *
   * @param upTo nothing behind this position is returned
   */
  async read(after: bigint, upTo: bigint | null = null): Promise<ReadPage> {
    const left = upTo === null ? BigInt(this.pageSizeMax) : upTo - after;
    if (left <= 0n) return { after, records: [] };
    const limit = left < BigInt(this.pageSizeMax) ? Number(left) : this.pageSizeMax;
    const ahead = this.#ahead;
    this.#ahead = null;
    const read = await (ahead?.after === after
      ? ahead.page
      : this.store.readRecordBytes(after, limit));
    const records = read.slice(0, limit);
    const last = after + BigInt(records.length);
    if (records.length === this.pageSizeMax && last !== upTo) {
      const following = this.store.readRecordBytes(last, this.pageSizeMax);
      // Whoever asks for it gets the error; nobody may, and then it is no error.
      following.catch(() => undefined);
      this.#ahead = { after: last, page: following };
    }
    return { after, records };
  }

  get pageSize(): number {
    return this.pageSizeMax;
  }
}
