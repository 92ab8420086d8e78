import { failureFields, JsonLogger, type LogLevel, withoutValues } from './json-logger.js';

function written(level: LogLevel, use: (logger: JsonLogger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  use(new JsonLogger({ level, write: (line) => lines.push(line), now: () => 1_500 }));
  return lines.map((line) => {
    expect(line.endsWith('\n')).toBe(true);
    return JSON.parse(line) as Record<string, unknown>;
  });
}

describe('the log', () => {
  it('is one JSON object a line, with its time', () => {
    expect(written('info', (logger) => logger.event('info', 'started', { port: 1 }))).toEqual([
      { time: '1970-01-01T00:00:01.500Z', level: 'info', event: 'started', port: 1 },
    ]);
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ] as const)('at level %s writes %s', (level, expected) => {
    const lines = written(level, (logger) => {
      for (const each of ['debug', 'info', 'warn', 'error'] as const) logger.event(each, 'x');
    });
    expect(lines.map((line) => line['level'])).toEqual(expected);
  });

  it('keeps the chatter of the framework for debugging, and its warnings', () => {
    const lines = written('info', (logger) => {
      logger.log('Mapped {/x, GET} route', 'RouterExplorer');
      logger.warn('"q" is odd', 'RouterExplorer');
      logger.error(new Error('broken'), 'Core');
    });
    expect(lines).toMatchObject([
      { level: 'warn', event: 'nest', context: 'RouterExplorer', message: '"…" is odd' },
      { level: 'error', event: 'nest', context: 'Core', error: 'Error', message: 'broken' },
    ]);
  });
});

describe('a failure', () => {
  it.each([
    ['Key (login)=(韦建国) already exists.', 'Key "…" already exists.'],
    ['invalid input syntax for type bigint: "452123197001011234"', /: "…"$/],
    ['account 6217000012345678 unknown', 'account … unknown'],
    [`relation 'payees' does not exist`, 'relation "…" does not exist'],
    ['page 42 of 1280', 'page 42 of 1280'],
  ])('%s loses the values it quotes', (message, expected) => {
    if (typeof expected === 'string') expect(withoutValues(message)).toBe(expected);
    else expect(withoutValues(message)).toMatch(expected);
  });

  it('keeps its class, its code, where it was and what caused it', () => {
    const cause = Object.assign(new TypeError('inner'), { code: '23505' });
    const fields = failureFields(new Error('outer', { cause }));
    expect(fields).toMatchObject({
      error: 'Error',
      message: 'outer',
      cause: { error: 'TypeError', errorCode: '23505' },
    });
    expect(JSON.stringify(fields['stack'])).toContain('json-logger.spec');
  });

  it('that is no error tells its type alone', () => {
    expect(failureFields('韦建国')).toEqual({ error: 'string' });
  });
});
