/**
 * Makes one call out of the calls that arrive while one is under way, or in the same turn of the event loop: no added
 * delay when quiet, few round trips when busy. A call that throws fails the items of that call only.
 *
 * @param run answers every item, in their order.
 * @param itemsMax items of one call.
 */
export function coalesce<T, R>(
  run: (items: readonly T[]) => Promise<readonly R[]>,
  itemsMax: number,
): (item: T) => Promise<R> {
  let waiting: { item: T; resolve(result: R): void; reject(error: unknown): void }[] = [];
  let running = false;

  async function drain(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      // Requests that came in together, or were answered together, go on together.
      await nextTurn();
      const batch = waiting.slice(0, itemsMax);
      waiting = waiting.slice(itemsMax);
      try {
        const results = await run(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(results[index] as R));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!running) void drain();
    });
}

/** Resolves when the event loop has handed over what is ready. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
