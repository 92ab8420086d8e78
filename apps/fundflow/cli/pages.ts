import type { ApiClient } from './api-client.js';
import { write } from './output.js';

export type Page = Readonly<Record<string, unknown>>;
export type Query = Readonly<Record<string, string | undefined>>;

const PAGE_LIMIT = '1000';

/** The pages of a list to its end, one in memory at a time. The cursor pins the state of the first. */
export async function* pagesOf(
  client: ApiClient,
  path: string,
  query: Query,
  cursorName = 'cursor',
): AsyncGenerator<Page> {
  let cursor: string | undefined = query[cursorName];
  for (;;) {
    const asked = { limit: PAGE_LIMIT, ...query, ...(cursor ? { [cursorName]: cursor } : {}) };
    const page = await client.get<Page>(path, asked);
    yield page;
    const next = page['next'];
    if (next === null || next === undefined) return;
    cursor = String(next);
  }
}

/** The items of one list over all pages. */
export async function* itemsOf<T>(pages: AsyncIterable<Page>, list: string): AsyncGenerator<T> {
  for await (const page of pages) yield* page[list] as readonly T[];
}

/** Writes `{"<list>": [...], "next": null}` as the pages come: the API's own answer, had it one page. */
export async function writeJsonList(pages: AsyncIterable<Page>, list: string): Promise<void> {
  let begun = false;
  let first = true;
  for await (const page of pages) {
    // Not before there is an answer: a failure leaves standard output empty.
    if (!begun) await write(`{\n  ${JSON.stringify(list)}: [`);
    begun = true;
    first = await writeItems(page[list] as readonly unknown[], first);
  }
  await write(`${first ? '' : '\n  '}],\n  "next": null\n}\n`);
}

/** @returns whether the next item is the first of its list */
export async function writeItems(items: readonly unknown[], first: boolean): Promise<boolean> {
  if (items.length === 0) return first;
  const text = items.map((item) => `\n    ${JSON.stringify(item)}`).join(',');
  await write(`${first ? '' : ','}${text}`);
  return false;
}
