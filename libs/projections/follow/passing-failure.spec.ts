import { EventStoreUnavailable } from '@fundflow/event-store/event-store';
import { passes } from './passing-failure.js';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('a failure that passes', () => {
  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    '08006',
    '57P01',
    '53300',
    '40P01',
    '55P03',
    '57014',
    '53100',
    'ENOSPC',
  ])('is %s: connection, resources (a full disk), shutdown or a lock', (code) =>
    expect(passes(withCode(code))).toBe(true),
  );

  it.each(['23505', '42P01', '22003', 'ERR_ASSERTION'])('is not %s', (code) =>
    expect(passes(withCode(code))).toBe(false),
  );

  it('is a store that cannot be reached, and what the driver says without a code', () => {
    expect(passes(new EventStoreUnavailable('away'))).toBe(true);
    expect(passes(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(passes(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
    expect(passes(new Error('no holding A-1'))).toBe(false);
    expect(passes('a text')).toBe(false);
  });
});
