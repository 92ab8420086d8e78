import type { Cells } from './person.js';
import { allocation, payment } from './rows.js';
import type { Asked, TheLedger } from './the-ledger.js';

/** What specs about alerts say of a ledger. */
export interface Watched {
  /** `severity amount since days status[ closedOn]` of every alert of the rule on the subject, amounts in fen. */
  alerts(rule: string, subject: string, asOf: string, asked?: Asked): Promise<string[]>;
  /** 100 元, received on 20 January 2018 unless said otherwise. */
  given(id: string, over?: Cells): Promise<unknown>;
  /** 40 元 on 1 April 2018 unless said otherwise. */
  spend(id: string, of: string, over?: Cells): Promise<unknown>;
}

export const watched = (ledger: TheLedger): Watched => ({
  alerts: async (rule, subject, asOf, asked = {}) => {
    const found = await ledger.alerts({ rule, subject, asOf, ...asked });
    return found.map(({ severity, amountFen, since, days, status, closedOn }) =>
      [severity, amountFen, since, days, status, ...(closedOn ? [closedOn] : [])].join(' '),
    );
  },
  given: (id, over = {}) => ledger.post('allocations', allocation(id, over)),
  spend: (id, of, over = {}) =>
    ledger.post('payments', payment(id, of, { method: 'direct', ...over })),
});
