import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { Found } from '@fundflow/proof/findings';

/** Bytes of one line: a record of 65,535 bytes in which every byte is escaped, and what is around it. */
const LINE_BYTES_MAX = 500_000;
const NEWLINE = 0x0a;

/**
 * The lines of a stream as parsed JSON, in order, one in memory at a time; the last may lack its
 * newline.
 *
 * @param what names the stream in findings
 * @throws Found `malformed` for a line that is too long, not UTF-8 or not JSON
 */
export async function* jsonLines(stream: Readable, what: string): AsyncGenerator<unknown> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  const parse = (line: Buffer): unknown => {
    number += 1;
    return parseLine(line, what, number);
  };
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      yield parse(bytes.subarray(from, to));
      from = to + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > LINE_BYTES_MAX) throw malformed(what, number + 1, 'is too long');
  }
  if (rest.length > 0) yield parse(rest);
}

/** A record of an exported log. */
export interface ExportedRecord {
  readonly position: number;
  readonly record: string;
}

/** Reads a line as a record of an exported log. @throws Found `malformed` */
export function exportedRecord(input: unknown, what: string): ExportedRecord {
  const { position, record } = (input ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof position !== 'number' || !Number.isSafeInteger(position)) {
    throw new Found({ code: 'malformed', what, detail: 'a line has no position' });
  }
  // Half a character has no UTF-8, so no store holds it and no tree hashed it.
  if (typeof record !== 'string' || !isWellFormed(record)) {
    throw new Found({ code: 'malformed', what, detail: `position ${position} has no record` });
  }
  return { position, record };
}

// In every Node this runs on (since 20), and faster than a pattern; in TypeScript's library since ES2024.
const isWellFormed = (text: string): boolean =>
  (text as string & { isWellFormed(): boolean }).isWellFormed();

function parseLine(line: Buffer, what: string, number: number): unknown {
  if (line.length > LINE_BYTES_MAX) throw malformed(what, number, 'is too long');
  if (!isUtf8(line)) throw malformed(what, number, 'is not UTF-8');
  try {
    return JSON.parse(line.toString('utf8')) as unknown;
  } catch {
    throw malformed(what, number, 'is not JSON');
  }
}

function malformed(what: string, number: number, why: string): Found {
  return new Found({ code: 'malformed', what, detail: `line ${number} ${why}` });
}
