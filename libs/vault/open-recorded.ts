import { maskAccount, maskName, maskResidentId } from '@fundflow/domain/identifiers';
import { PERSONAL_FIELDS, type PersonalFieldName, verifyCommitment } from './commitment.js';
import { type Opening, type PayeeOpenings, type PayeeValues, valuesOf } from './payload.js';
import { SealBroken, type SealedEntry, unseal, unsealBytes } from './seal.js';
import type { VaultKeys } from './vault-key.js';
import { type PersonPayee, type RecordedPayee, VaultTampered } from './vault.js';

/**
 * Opens what was found and compares it, field by field, with what the record committed to.
 *
 * @param found entries by event id; an event that is missing here is left out of the answer
 * @throws VaultTampered naming every event whose entry does not open or does not match
 */
export function openRecorded(
  recorded: readonly RecordedPayee[],
  found: ReadonlyMap<string, SealedEntry>,
  keys: VaultKeys,
): Map<string, PayeeValues> {
  const opened = new Map<string, PayeeValues>();
  const tampered: string[] = [];
  for (const { eventId, payee } of recorded) {
    const entry = found.get(eventId);
    if (entry === undefined) continue;
    const openings = matchingOpenings(entry, payee, keys);
    if (openings === null) tampered.push(eventId);
    else opened.set(eventId, valuesOf(openings));
  }
  if (tampered.length > 0) throw new VaultTampered(tampered);
  return opened;
}

/** What an entry holds when it opens and is what the record committed to, else null. */
export function matchingOpenings(
  entry: SealedEntry,
  payee: PersonPayee,
  keys: VaultKeys,
): PayeeOpenings | null {
  try {
    const openings = unseal(entry, keys);
    const matches = PERSONAL_FIELDS.every((field) => matchesField(payee, field, openings[field]));
    return matches ? openings : null;
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

/** Whether two entries hold the same values with the same openings: one row sealed once, under whatever keys it lies. */
export function sameContent(a: SealedEntry, b: SealedEntry, keys: VaultKeys): boolean {
  try {
    return unsealBytes(a, keys).equals(unsealBytes(b, keys));
  } catch (error) {
    if (error instanceof SealBroken) return false;
    throw error;
  }
}

function matchesField(
  payee: PersonPayee,
  field: PersonalFieldName,
  opening: Opening | null,
): boolean {
  const commitment = payee[field];
  if (commitment === null || opening === null) return commitment === null && opening === null;
  return verifyCommitment(commitment, field, opening.value, opening.opening);
}

export const masked = (values: PayeeValues): PayeeValues => ({
  name: values.name === null ? null : maskName(values.name),
  code: values.code === null ? null : maskResidentId(values.code),
  account: values.account === null ? null : maskAccount(values.account),
});

export const allMasked = (opened: ReadonlyMap<string, PayeeValues>): Map<string, PayeeValues> =>
  new Map(Array.from(opened, ([eventId, values]) => [eventId, masked(values)]));
