import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { decodeEvent, encodeData, SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { LedgerEventType } from '@fundflow/domain/events';
import { canonicalJson, canonicalRecord } from '@fundflow/event-store/canonical';
import type { Envelope } from '@fundflow/event-store/envelope';
import { envelopeOf } from '../../support/envelopes.js';
import { goldenEvents } from './golden-events.js';

const FOLDER = new URL('./', import.meta.url);
const fileOf = (type: string, schema: number): URL => new URL(`${type}.v${schema}.json`, FOLDER);
const read = (file: URL): string => readFileSync(file, 'utf8');

const STAMP = {
  version: 7,
  recordedAt: '2018-12-31T08:15:30.123Z',
  cause: 'submission:5d0f5e0c-6d0c-4a63-9d35-0b7a7f6f0001',
};
const records = goldenEvents().map((event) => ({
  type: event.type,
  event,
  file: fileOf(event.type, SCHEMA_VERSIONS[event.type]),
  record: `${canonicalRecord(envelopeOf(event, STAMP))}\n`,
}));

/** Writes the first golden file of a new type or schema version; one that exists is never written. */
if (process.env['FUNDFLOW_GOLDEN_NEW'] === '1') {
  for (const { file, record } of records) if (!existsSync(file)) writeFileSync(file, record);
}

const CHANGED = (type: LedgerEventType): string => `
${type} would be written in another shape than ${type}.v${SCHEMA_VERSIONS[type]}.json says.

Records are immutable: what was written once is in logs, proofs and evidence, and stays as it is. Do not edit the
golden file. If only the sample changed (golden-events.ts, or a default of test/support/rows.ts), change it back. To
change the shape:
  1. raise SCHEMA_VERSIONS.${type} (libs/domain/event-codec.ts) from ${SCHEMA_VERSIONS[type]} to ${SCHEMA_VERSIONS[type] + 1};
  2. add UPCASTERS.${type}[${SCHEMA_VERSIONS[type]}], which lifts the old shape to the new one;
  3. run this spec once with FUNDFLOW_GOLDEN_NEW=1, which writes ${type}.v${SCHEMA_VERSIONS[type] + 1}.json and keeps the old file.
`;

describe('the records of every type of event, settled when first written', () => {
  it('are all here', () => {
    expect(records.map(({ type }) => type).sort()).toEqual(Object.keys(SCHEMA_VERSIONS).sort());
  });

  it.each(records)('$type has the same bytes', ({ type, file, record }) => {
    const golden = existsSync(file) ? read(file) : '(no golden file)';
    if (golden !== record) throw new Error(`${CHANGED(type)}\nwas: ${golden}\nnow: ${record}`);
  });

  it.each(records)('$type is read back as the event it was', ({ event, file }) => {
    expect(decodeEvent(JSON.parse(read(file)) as Envelope)).toEqual(event);
  });
});

describe('the golden files', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

  it.each(Object.entries(SCHEMA_VERSIONS))('%s has one of every version up to %i', (type, last) => {
    const versions = files.filter((name) => name.startsWith(`${type}.v`));
    expect(versions).toHaveLength(last);
  });

  it.each(files)('%s is read by the program of today', (name) => {
    const text = read(new URL(name, FOLDER));
    const envelope = JSON.parse(text) as Envelope;
    expect(name).toBe(`${envelope.type}.v${envelope.schema}.json`);
    const event = decodeEvent(envelope);
    const today = { ...envelope, schema: SCHEMA_VERSIONS[event.type], data: encodeData(event) };
    // What was lifted is written in today's shape, and a record of today's version in its own bytes.
    expect(() => canonicalJson(today)).not.toThrow();
    if (envelope.schema === SCHEMA_VERSIONS[event.type]) {
      expect(`${canonicalRecord(today)}\n`).toBe(text);
    }
  });
});
