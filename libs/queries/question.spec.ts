import { parseMoment } from './question.js';

describe('a moment of record as asked', () => {
  it.each([
    ['2020-12-31T08:00:00Z', Date.UTC(2020, 11, 31, 8)],
    ['2020-12-31t08:00:00.1239z', Date.UTC(2020, 11, 31, 8, 0, 0, 123)],
    ['2020-12-31T08:00:00+08:00', Date.UTC(2020, 11, 31)],
    ['2020-02-29T00:00:00Z', Date.UTC(2020, 1, 29)],
    ['2999-01-01T00:00:00Z', Date.UTC(2999, 0, 1)],
  ])('%s is RFC 3339', (text, ms) => {
    expect(parseMoment(text)).toBe(ms);
  });

  it.each(['2021-02-29T00:00:00Z', '2020-02-30T00:00:00Z', '2020-04-31T00:00:00+08:00'])(
    '%s is none: there is no such day',
    (text) => {
      expect(parseMoment(text)).toBeNull();
    },
  );

  it.each(['2020-12-31', '2020-12-31T08:00:00', '2020-12-31T25:00:00Z', '31.12.2020', ''])(
    '%p is none',
    (text) => {
      expect(parseMoment(text)).toBeNull();
    },
  );
});
