import {
  countedIn,
  effectOn,
  KIND_FACTS,
  kindCode,
  kindOfCode,
  type Effect,
  type Measure,
  MEASURES,
  MOVEMENT_KINDS,
  type MovementKind,
} from './effect.js';

const BOTH = { giverIn: true, holderIn: true };
const HOLDER = { giverIn: false, holderIn: true };
const GIVER = { giverIn: true, holderIn: false };
const NEITHER = { giverIn: false, holderIn: false };

describe('the effect of a movement on a region', () => {
  // kind, both inside, only the holder inside, only the giver inside, neither (the record only names the place)
  const TABLE: readonly (readonly [MovementKind, Effect, Effect, Effect, Effect])[] = [
    ['allocation-issued', 'within', 'none', 'out', 'none'],
    ['allocation-received', 'within', 'in', 'none', 'none'],
    ['supplement-issued', 'within', 'none', 'out', 'none'],
    ['supplement-received', 'within', 'in', 'none', 'none'],
    ['cash-disbursed', 'within', 'none', 'none', 'none'],
    ['cash-credited', 'within', 'none', 'none', 'none'],
    ['payment-made', 'out', 'out', 'none', 'none'],
    ['payment-returned', 'in', 'in', 'none', 'none'],
    ['cash-returned', 'within', 'none', 'none', 'none'],
    ['cash-return-received', 'within', 'none', 'none', 'none'],
    ['authority-recalled', 'within', 'out', 'none', 'none'],
    ['recall-received', 'within', 'none', 'in', 'none'],
    ['issue-reversed', 'within', 'none', 'in', 'none'],
    ['acknowledged-issue-reversed', 'within', 'out', 'in', 'none'],
    ['disbursement-reversed', 'within', 'none', 'none', 'none'],
    ['payment-reversed', 'in', 'in', 'none', 'none'],
    ['payment-return-reversed', 'out', 'out', 'none', 'none'],
    ['cash-return-reversed', 'within', 'none', 'none', 'none'],
    ['recall-reversed', 'within', 'in', 'none', 'none'],
    ['received-recall-reversed', 'within', 'in', 'out', 'none'],
    ['project-entered-library', 'within', 'none', 'none', 'none'],
    ['project-approved', 'within', 'none', 'none', 'none'],
    ['project-accepted', 'within', 'none', 'none', 'none'],
    ['project-closed', 'within', 'none', 'none', 'none'],
    ['notice-posted', 'within', 'none', 'none', 'none'],
    ['notice-removed', 'within', 'none', 'none', 'none'],
  ];

  it.each(TABLE)('%s: both inside %s, holder %s, giver %s, neither %s', (kind, ...effects) => {
    const found = [BOTH, HOLDER, GIVER, NEITHER].map((sides) => effectOn(sides, kind));
    expect(found.map(({ effect }) => effect)).toEqual(effects);
    for (const { effect, sign } of found) {
      expect(sign).toBe(effect === 'in' ? 1 : effect === 'out' ? -1 : 0);
    }
  });

  it('has a row for every kind', () => {
    expect(TABLE.map(([kind]) => kind)).toEqual([...MOVEMENT_KINDS]);
  });
});

describe('counting in the numbers of a region', () => {
  it('takes out of transit exactly what it receives', () => {
    const { received, inTransit } = countedIn('received', HOLDER);
    expect(received + inTransit).toBe(0);
    expect(countedIn('issued', HOLDER).inTransit).toBe(received);
  });

  it('counts nothing that stays inside but payments, and nothing that stays outside', () => {
    const zero = { received: 0, paid: 0, returnedUp: 0, inTransit: 0 };
    for (const measure of MEASURES) {
      expect(countedIn(measure, NEITHER)).toEqual(zero);
      if (measure !== 'paid') expect(countedIn(measure, BOTH)).toEqual(zero);
    }
  });

  it('undoes with a reversal what the movement and its acknowledgement did', () => {
    const pairs: readonly (readonly [MovementKind, readonly MovementKind[]])[] = [
      ['issue-reversed', ['allocation-issued']],
      ['acknowledged-issue-reversed', ['allocation-issued', 'allocation-received']],
      ['disbursement-reversed', ['cash-disbursed', 'cash-credited']],
      ['payment-reversed', ['payment-made']],
      ['payment-return-reversed', ['payment-returned']],
      ['cash-return-reversed', ['cash-returned', 'cash-return-received']],
      ['recall-reversed', ['authority-recalled']],
      ['received-recall-reversed', ['authority-recalled', 'recall-received']],
    ];
    const sum = (kinds: readonly MovementKind[], measure: Measure) =>
      kinds.reduce((total, kind) => total + (KIND_FACTS[kind].measures[measure] ?? 0), 0);
    for (const [reversal, undone] of pairs) {
      for (const measure of MEASURES) {
        expect([reversal, measure, sum([reversal, ...undone], measure)]).toEqual([
          reversal,
          measure,
          0,
        ]);
      }
    }
  });
});

describe('the stored codes', () => {
  it('are settled: a code never changes its meaning', () => {
    expect(kindCode('allocation-issued')).toBe(0);
    expect(kindCode('payment-made')).toBe(6);
    expect(kindCode('received-recall-reversed')).toBe(19);
    expect(kindCode('notice-removed')).toBe(25);
    expect(MOVEMENT_KINDS.map((kind) => kindOfCode(kindCode(kind)))).toEqual([...MOVEMENT_KINDS]);
  });

  it('refuse a code of a newer program', () => {
    expect(() => kindOfCode(99)).toThrow('unknown movement kind 99');
  });
});
