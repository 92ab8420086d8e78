import * as fc from 'fast-check';
import { addDays, type Day } from '../calendar.js';
import { type AgeLine, originalIssuedOn, originsOf } from './age.js';

const day = (text: string): Day => text as Day;
const line = (giverId: string | null, issuedOn: string, rest: Partial<AgeLine> = {}): AgeLine => ({
  first: true,
  giverId,
  issuedOn: day(issuedOn),
  receivedOn: null,
  reversedOn: null,
  ...rest,
});
const supplement = (giverId: string | null, issuedOn: string, from: string, to?: string): AgeLine =>
  line(giverId, issuedOn, {
    first: false,
    receivedOn: day(from),
    reversedOn: to === undefined ? null : day(to),
  });

type Tree = Readonly<Record<string, readonly AgeLine[]>>;
const ageIn = (tree: Tree, id: string, on: string): Day | null =>
  originalIssuedOn(
    originsOf(id, (holdingId) => tree[holdingId]),
    day(on),
  );

describe('the age of money', () => {
  it('is that of the outermost ancestor: passing on never makes money younger', () => {
    const tree: Tree = {
      root: [line(null, '2017-01-05')],
      city: [line('root', '2018-06-01')],
      cash: [line('city', '2019-01-01')],
    };
    expect(ageIn(tree, 'cash', '2019-02-01')).toBe('2017-01-05');
  });

  it('follows a supplement of an ancestor from its acknowledgement to its reversal', () => {
    const tree: Tree = {
      old: [line(null, '2015-01-01')],
      root: [line(null, '2018-01-01'), supplement('old', '2018-05-01', '2018-06-01', '2018-09-01')],
      county: [line('root', '2018-02-01')],
    };
    expect(ageIn(tree, 'county', '2018-05-31')).toBe('2018-01-01');
    expect(ageIn(tree, 'county', '2018-06-01')).toBe('2015-01-01');
    expect(ageIn(tree, 'county', '2018-08-31')).toBe('2015-01-01');
    expect(ageIn(tree, 'county', '2018-09-01')).toBe('2018-01-01');
  });

  it('is not known when a source on the way up is not', () => {
    expect(ageIn({ county: [line('nobody', '2018-02-01')] }, 'county', '2019-01-01')).toBeNull();
  });

  it('walks a chain longer than the call stack', () => {
    const lines = (id: string): AgeLine[] =>
      id === '0' ? [line(null, '2016-02-29')] : [line(`${Number(id) - 1}`, '2018-01-01')];
    expect(originsOf('60000', lines)).toEqual([{ from: null, originalIssuedOn: '2016-02-29' }]);
  });

  it('looks day by day where lines of different days close a circle', () => {
    const tree: Tree = {
      old: [line(null, '2015-01-01')],
      a: [line('old', '2018-01-01'), supplement('b', '2018-02-01', '2018-02-01', '2018-03-01')],
      b: [line(null, '2017-01-01'), supplement('a', '2018-03-01', '2018-03-01')],
      below: [line('b', '2018-02-01')],
    };
    expect(originsOf('below', (id) => tree[id])).toEqual([
      { from: null, originalIssuedOn: '2017-01-01' },
      { from: '2018-03-01', originalIssuedOn: '2015-01-01' },
    ]);
  });

  it('equals its definition on every day, for any lines', () => {
    const BASE = day('2017-12-20');
    const anyDay = fc.integer({ min: 0, max: 40 }).map((n) => addDays(BASE, n));
    const anyLine = fc.record({
      giver: fc.option(fc.nat(6)),
      issuedOn: anyDay,
      receivedOn: fc.option(anyDay),
      reversedOn: fc.option(anyDay),
    });
    const anyTree = fc.array(fc.array(anyLine, { minLength: 1, maxLength: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(anyTree, fc.boolean(), (drawn, circles) => {
        // A giver stands before its receivers; only supplements may close circles.
        const tree = drawn.map((lines, at) =>
          lines.map(({ giver, ...dates }, index) => {
            const among = circles && index > 0 ? drawn.length : at;
            const giverId = giver === null || among === 0 ? null : `${giver % among}`;
            return { ...dates, first: index === 0, giverId };
          }),
        );
        const stands = (one: AgeLine, on: Day): boolean =>
          one.first ||
          (one.receivedOn !== null &&
            one.receivedOn <= on &&
            (one.reversedOn === null || one.reversedOn > on));
        const defined = (id: string, on: Day, below: readonly string[] = []): Day[] =>
          (tree[Number(id)] as AgeLine[])
            .filter((one) => stands(one, on) && !below.includes(one.giverId ?? ''))
            .flatMap((one) =>
              one.giverId === null ? [one.issuedOn] : defined(one.giverId, on, [...below, id]),
            );
        const memo = new Map();
        for (let id = tree.length - 1; id >= 0; id -= 1) {
          const origins = originsOf(`${id}`, (holdingId) => tree[Number(holdingId)], memo);
          for (let n = -1; n <= 41; n += 1) {
            const on = addDays(BASE, n);
            expect(originalIssuedOn(origins, on)).toBe([...defined(`${id}`, on)].sort()[0]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
