import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import fc from 'fast-check';
import pg from 'pg';
import { ColumnBytes, columnOf } from './column-bytes.js';
import { elementsOf } from './elements.js';

let pool: pg.Pool;
beforeAll(async () => {
  const connectionString = await (await startTestDatabase({ durable: false })).createDatabase();
  pool = new pg.Pool({ connectionString, max: 1 });
});
afterAll(() => pool.end());

const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', '{', '二', '😀', '\n', 'N') });

describe('a column in binary form', () => {
  it('is to the database the list of what was added, and comes back as the same values', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(text, fc.integer({ min: -9, max: 2 ** 31 - 1 }), fc.uuid())),
        async (rows) => {
          const texts = new ColumnBytes('text');
          const bytes = new ColumnBytes('bytea');
          const ints = new ColumnBytes('integer');
          const uuids = new ColumnBytes('uuid');
          const lying = new ColumnBytes('text');
          const uuidsLying = new ColumnBytes('uuid');
          // Whatever was there before.
          texts.add('before');
          texts.clear();
          for (const [each, int, uuid] of rows) {
            const whole = Buffer.from(each);
            texts.add(each);
            bytes.addBytes(Buffer.of(0), { bytes: whole, from: 0, to: whole.length });
            ints.add(int);
            uuids.add(uuid);
            lying.add(null);
            lying.addUtf8(Buffer.concat([Buffer.of(0x22), whole]), 1, 1 + whole.length, 0x2c);
            uuidsLying.addUtf8(Buffer.from(`"${uuid}"`), 1, 1 + uuid.length);
          }
          const { rows: answers } = await pool.query<Record<string, unknown[] & Buffer>>(
            `SELECT $1::text[] AS texts, $2::bytea[] AS bytes, $3::int[] AS ints, $4::uuid[]::text[] AS uuids,
               array_send($1::text[]) AS sent, $5::text[] AS lying, $6::uuid[]::text[] AS "uuidsLying"`,
            [texts, bytes, ints, uuids, lying, uuidsLying].map((array) => array.array),
          );
          const [answer] = answers;
          expect(answer?.['texts']).toEqual(rows.map(([each]) => each));
          expect(answer?.['bytes']).toEqual(rows.map(([each]) => Buffer.from(`\0${each}`)));
          expect(answer?.['ints']).toEqual(rows.map(([, int]) => int));
          expect(answer?.['uuids']).toEqual(rows.map(([, , uuid]) => uuid));
          expect(answer?.['lying']).toEqual(rows.flatMap(([each]) => [null, `,${each}`]));
          expect(answer?.['uuidsLying']).toEqual(answer?.['uuids']);
          expect(elementsOf(answer?.['sent'] as Buffer).map(String)).toEqual(
            rows.map(([each]) => each),
          );
          expect(elementsOf(texts.array).map(String)).toEqual(rows.map(([each]) => each));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is the same whatever room it begins with', () => {
    fc.assert(
      fc.property(fc.array(text), fc.nat(200), (texts, textBytes) => {
        const column = new ColumnBytes('text');
        for (const each of texts) column.add(each);
        const exact = texts.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
        for (const room of [0, textBytes, exact]) {
          expect(columnOf('text', texts, room).equals(column.array)).toBe(true);
        }
      }),
    );
  });
});
