import type { FileNote } from '@fundflow/intake/batches';
import type { Refusal, RefusalCode } from '@fundflow/domain/decision';
import { maskName } from '@fundflow/domain/identifiers';
import { hidePersonalNumbers } from '@fundflow/domain/personal-numbers';
import type { ReadRow } from '@fundflow/intake/batches';
import { messageFor } from '@fundflow/intake/messages';
import { personOf } from '../people/sealed-person.js';
import type { ReportEntry } from '../staged.js';

/* What the report says about a row that was decided on, and not accepted. */

export function refusedEntry(read: ReadRow, id: string, refusal: Refusal): ReportEntry {
  const { code, ...refused } = refusal;
  const rest = LEADS_NOWHERE.has(code)
    ? { ...refused, value: shownId(refused.value, read) }
    : refused;
  const message = messageFor(code, { kind: read.kind, ...rest });
  return { ...about(read, id), ...rest, severity: 'error', code, message };
}

export function alreadyPostedEntry(read: ReadRow, id: string): ReportEntry {
  const parts = { field: 'id', value: id, expected: null, difference: null };
  const message = messageFor('already-posted', { kind: read.kind, ...parts });
  return { ...about(read, id), ...parts, severity: 'info', code: 'already-posted', message };
}

const about = ({ kind, rowNumber, flex }: ReadRow, id: string) => ({
  ...{ sheet: kind, row: rowNumber, id, flex },
});

/** Their value is what somebody typed for an id, which may be anything. */
const LEADS_NOWHERE: ReadonlySet<RefusalCode> = new Set(['unknown-source', 'unknown-project']);

function shownId(value: string | null, { row }: ReadRow): string | null {
  const name = row && personOf(row)?.name;
  const hidden = value === null ? null : hidePersonalNumbers(value);
  return name && hidden !== null ? hidden.replaceAll(name, maskName(name)) : hidden;
}

/** What is said of a file as a whole. */
export const noteEntry = ({ code, sheet, message }: FileNote): ReportEntry => ({
  ...{ sheet, row: null, id: null, field: null, severity: 'info', code, message },
  ...{ value: null, expected: null, difference: null, flex: {} },
});
