import type { EventStore, StoredEvent } from '@fundflow/event-store/event-store';

/** A page and its bytes fit the memory, and one transaction a page costs little beside its rows. */
export const PAGE_SIZE_MAX = 5_000;

/** Reads the log page by page, the next one while the caller still works on the last. */
export class PageReader {
  #ahead: { readonly after: bigint; readonly page: Promise<StoredEvent[]> } | null = null;

  constructor(
    private readonly store: Pick<EventStore, 'readAll'>,
    private readonly pageSizeMax = PAGE_SIZE_MAX,
  ) {}

  /**
   * Events with position > `after`, at most a page.
   *
   * @param upTo nothing behind this position is read ahead or returned
   */
  async read(after: bigint, upTo: bigint | null = null): Promise<StoredEvent[]> {
    const left = upTo === null ? BigInt(this.pageSizeMax) : upTo - after;
    if (left <= 0n) return [];
    const limit = left < BigInt(this.pageSizeMax) ? Number(left) : this.pageSizeMax;
    const ahead = this.#ahead;
    this.#ahead = null;
    const read = ahead?.after === after ? await ahead.page : await this.store.readAll(after, limit);
    const page = read.slice(0, limit);
    const last = page.at(-1);
    if (last && page.length === this.pageSizeMax && last.position !== upTo) {
      const following = this.store.readAll(last.position, this.pageSizeMax);
      // Whoever asks for it gets the error; nobody may, and then it is no error.
      following.catch(() => undefined);
      this.#ahead = { after: last.position, page: following };
    }
    return page;
  }

  get pageSize(): number {
    return this.pageSizeMax;
  }
}
