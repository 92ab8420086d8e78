import { failedResource } from './failed-resource.js';

const coded = (code: string): Error => Object.assign(new Error('in English'), { code });
const wrapping = (cause: unknown): Error => new Error('query failed', { cause });

describe('a request that fails for what the machine lacks', () => {
  it.each([
    ['a disk on which a table cannot grow', coded('53100'), 'storage-full'],
    ['a disk on which an upload does not fit', coded('ENOSPC'), 'storage-full'],
    ['a full disk that the store speaks of', wrapping(coded('53100')), 'storage-full'],
    ['a database that nobody listens for', coded('ECONNREFUSED'), 'database-unavailable'],
    ['one that listens on two addresses, on neither', twice(), 'database-unavailable'],
    ['one that stops', wrapping(coded('57P01')), 'database-unavailable'],
    ['one with no connection left', coded('53300'), 'database-unavailable'],
    [
      'one that was killed',
      new Error('Connection terminated unexpectedly'),
      'database-unavailable',
    ],
  ])('is told of %s', (_what, error, code) => {
    const problem = failedResource(error);
    expect(problem).toMatchObject({ status: 503, code, cause: error });
    expect(problem?.details).toMatchObject({
      detail: expect.stringContaining('已入账的记录不受影响'),
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
  });

  it.each([
    ['a defect', new TypeError('x is not a function')],
    ['a statement that is wrong', coded('42P01')],
    ['what is no error', 'gone'],
  ])('is not made of %s', (_what, error) => {
    expect(failedResource(error)).toBeNull();
  });
});

function twice(): AggregateError {
  return new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]);
}
