import fc from 'fast-check';
import { describeHistory, eventsOf, histories } from '../../test/support/histories.js';
import {
  decodeEvent,
  decodeParsed,
  decoderOf,
  encodeData,
  rowFromWire,
  SCHEMA_VERSIONS,
  toWire,
  type Upcasters,
  type WireEvent,
} from './event-codec.js';
import type { LedgerEvent } from './events.js';
import { FEN_MAX, fen } from './money.js';

/** The way through a store: text in between. */
const wireOf = (event: LedgerEvent, schema = SCHEMA_VERSIONS[event.type]): WireEvent =>
  JSON.parse(
    JSON.stringify({
      ...{ type: event.type, schema, stream: event.streamId, key: event.key, index: event.index },
      ...{ occurredOn: event.occurredOn, region: event.region, data: encodeData(event) },
    }),
  ) as WireEvent;

describe('an event written and read back', () => {
  it('is the same event', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const event of eventsOf(history)) {
          expect(decodeEvent(wireOf(event))).toEqual(event);
          expect(decodeParsed(wireOf(event))).toEqual(event);
        }
      }),
    );
  });

  it('is the same row, where a row waits between validation and certification', () => {
    fc.assert(
      fc.property(histories({ rowsMax: 30 }), (history) => {
        for (const row of history.postings.flatMap(({ rows }) => rows)) {
          const wire: unknown = JSON.parse(JSON.stringify(toWire(row)));
          expect(rowFromWire(wire)).toEqual(row);
        }
      }),
    );
  });

  it('carries every fen, also where a double could not', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -FEN_MAX, max: FEN_MAX }), (amount) => {
        const wire = JSON.parse(JSON.stringify(toWire({ amountFen: amount }))) as unknown;
        expect(wire).toEqual({ amountFen: amount.toString() });
        expect(rowFromWire(wire)).toEqual({ amountFen: amount });
      }),
    );
  });

  it('writes no number for money, at any depth', () => {
    fc.assert(
      fc.property(histories({ rowsMax: 20 }), (history) => {
        for (const event of eventsOf(history)) {
          const numbers = Object.entries(flat(encodeData(event))).filter(
            ([, value]) => typeof value === 'number',
          );
          const allowed = numbers.every(([key]) => key.endsWith('fiscalYear'));
          if (!allowed) throw new Error(describeHistory(history));
        }
      }),
      { numRuns: 30 },
    );
  });

  function flat(value: unknown, path = ''): Record<string, unknown> {
    if (value === null || typeof value !== 'object') return { [path]: value };
    return Object.assign(
      {},
      ...Object.entries(value).map(([key, member]) => flat(member, `${path}.${key}`)),
    ) as Record<string, unknown>;
  }
});

const limitSet: WireEvent = {
  ...{ type: 'RuleLimitSet', schema: 1, stream: 'setting-limits', key: 'limit:1', index: 0 },
  ...{ occurredOn: null, region: '45', data: { amountFen: '1' } },
};

describe('a record this program cannot read stops the reader', () => {
  it.each<[string, Partial<WireEvent>, string]>([
    ['an unknown type', { type: 'MoneyVanished' }, 'unknown event type MoneyVanished'],
    ['a member every object has', { type: 'toString' }, 'unknown event type toString'],
    ['a newer schema', { schema: 2 }, 'RuleLimitSet has schema 2, this program knows 1 to 1'],
    ['a schema that never was', { schema: 0 }, 'RuleLimitSet has schema 0'],
    ['an amount that is none', { data: { amountFen: '1.5' } }, 'amountFen is no fen amount: 1.5'],
    ['an amount in a float', { data: { amountFen: 1.5 } }, 'amountFen is no fen amount: 1.5'],
    ['one too large', { data: { a: { bFen: '9223372036854775808' } } }, 'bFen is no fen amount'],
  ])('%s', (_, over, message) => {
    expect(() => decodeEvent({ ...limitSet, ...over })).toThrow(message);
    expect(() => decodeParsed({ ...limitSet, ...over })).toThrow(message);
  });

  it('an empty amount is read as it is', () => {
    expect(decodeParsed({ ...limitSet, data: { amountFen: null } }).data).toEqual({
      amountFen: null,
    });
    expect(decodeEvent({ ...limitSet, data: { amountFen: null } }).data).toEqual({
      amountFen: null,
    });
  });
});

describe('a shape that changed', () => {
  /** Invented: version 1 knew weeks, version 2 days and no basis, version 3 has both. */
  const upcasters: Upcasters = {
    RuleLimitSet: {
      1: ({ limitWeeks, ...data }) => ({ ...data, limitDays: (limitWeeks as number) * 7 }),
      2: (data) => ({ ...data, basis: '未载明', floorFen: '100' }),
    },
  };
  const decode = decoderOf({ ...SCHEMA_VERSIONS, RuleLimitSet: 3 }, upcasters);
  const today = { rule: 'cash-parked', limitDays: 14, basis: '未载明', floorFen: fen(100n) };

  it.each<[number, Readonly<Record<string, unknown>>]>([
    [1, { rule: 'cash-parked', limitWeeks: 2 }],
    [2, { rule: 'cash-parked', limitDays: 14 }],
    [3, { ...today, floorFen: '100' }],
  ])('is lifted from version %i, one version at a time', (schema, data) => {
    expect(decode({ ...limitSet, schema, data }).data).toEqual(today);
  });

  it('leaves the record it was read from as it is', () => {
    const data = Object.freeze({ rule: 'cash-parked', limitWeeks: 2 });
    decode({ ...limitSet, schema: 1, data });
    expect(data).toEqual({ rule: 'cash-parked', limitWeeks: 2 });
  });

  it('stops the reader where a version in between has no upcaster', () => {
    const gap = decoderOf({ RuleLimitSet: 3 }, { RuleLimitSet: { 1: (data) => data } });
    expect(() => gap(limitSet)).toThrow('RuleLimitSet schema 2 has no upcaster');
  });

  it('touches no other type', () => {
    const wire = { ...limitSet, type: 'SubmissionPartPosted', data: { part: 1 } };
    expect(decode(wire).data).toEqual({ part: 1 });
  });
});
