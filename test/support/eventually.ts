const WAIT_MS_MAX = 20_000;
const LOOK_MS = 20;

/**
 * What `look` gives once it is not null: for what another thread or process does in its own time. Fails after 20 s, which
 * no test comes near unless what it waits for never happens.
 */
export async function eventually<T>(look: () => Promise<T | null>): Promise<T> {
  const untilMs = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (Date.now() > untilMs) throw new Error('what was waited for did not happen');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
