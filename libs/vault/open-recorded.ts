import { maskAccount, maskName, maskResidentId } from '@fundflow/domain/identifiers';
import { PERSONAL_FIELDS, type PersonalFieldName, verifyCommitment } from './commitment.js';
import { type Opening, type PayeeValues, SealBroken, type SealedEntry, unseal } from './seal.js';
import type { VaultKey } from './vault-key.js';
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
  key: VaultKey,
): Map<string, PayeeValues> {
  const opened = new Map<string, PayeeValues>();
  const tampered: string[] = [];
  for (const { eventId, payee } of recorded) {
    const entry = found.get(eventId);
    if (entry === undefined) continue;
    const values = matching(entry, payee, key);
    if (values === null) tampered.push(eventId);
    else opened.set(eventId, values);
  }
  if (tampered.length > 0) throw new VaultTampered(tampered);
  return opened;
}

function matching(entry: SealedEntry, payee: PersonPayee, key: VaultKey): PayeeValues | null {
  try {
    const openings = unseal(entry, key);
    const matches = PERSONAL_FIELDS.every((field) => matchesField(payee, field, openings[field]));
    if (!matches) return null;
    const valueOf = (field: PersonalFieldName): string | null => openings[field]?.value ?? null;
    return { name: valueOf('name'), code: valueOf('code'), account: valueOf('account') };
  } catch (error) {
    if (error instanceof SealBroken) return null;
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
