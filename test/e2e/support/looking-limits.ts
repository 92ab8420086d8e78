import { expectOk } from './the-ledger.js';
import type { Person } from './person.js';

/** Sets how many fields somebody of the region may have shown a day, and how many are usual. */
export async function lookingLimitedTo(
  administrator: Person,
  { perDay, usual }: { readonly perDay: number; readonly usual: number },
): Promise<void> {
  const terms = { region: '450000', validFrom: '2018-01-01', basis: '桂信办〔2018〕9号' };
  for (const [setting, value] of [
    ['unmask-per-day', perDay],
    ['unmask-usual', usual],
  ]) {
    expectOk(
      await administrator.post('/api/v1/settings/personal-data', { ...terms, setting, value }),
    );
  }
}
