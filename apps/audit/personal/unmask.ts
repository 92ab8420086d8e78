import { normaliseResidentId } from '@fundflow/domain/identifiers';
import type { PersonalSetting } from '@fundflow/domain/oversight/personal-settings';
import type { Principal } from '@fundflow/identity/principal';
import { officerOf } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import type { Scope } from '@fundflow/identity/scope';
import { subjectOf } from '@fundflow/vault/seal';
import type { PersonalDesk } from './personal-desk.js';
import { erased, limitReached, notTheCallers, openingMissing, restricted } from './refusals.js';
import type { UnmaskBody } from './requests.js';

/** How long a screen may show what it was given. */
const SHOWN_MS = 60_000;

export interface UnmaskedAnswer {
  readonly eventId: string;
  readonly field: string;
  /** As handed in; null where the row had none. */
  readonly value: string | null;
  /** RFC 3339: from then on it is shown no more. */
  readonly expiresAt: string;
  /** How many fields this person has had shown today, and how many a day are allowed. */
  readonly ofTheDay: number;
  readonly limitOfTheDay: number;
  /** Position of the event that says so. */
  readonly position: number;
}

/**
 * Shows one field of one person in clear, once it is recorded who looks and why (no log, no data).
 *
 * Refuses, first match wins: 404 `unknown-person`, 410 `erased`, 404 `opening-missing`, 403 `not-the-callers` (a hotline
 * operator sees the caller's own records only), 403 `restricted` (but for the case that holds it), 403 `unmask-limit`,
 * 503 `not-recorded`.
 */
export async function unmask(
  desk: PersonalDesk,
  asker: { readonly by: Principal; readonly scope: Scope },
  eventId: string,
  body: UnmaskBody,
): Promise<UnmaskedAnswer> {
  const { vault, oversight, logger } = desk.ledger;
  const person = await desk.visible(eventId, asker.scope);
  const standing = (await vault.standing([eventId])).get(eventId);
  if (standing === 'erased') throw erased();
  const subject = await desk.measures.subjectOf(eventId);
  if (subject === null) throw openingMissing();
  if (!asker.by.roles.includes('inspector') && !(await isCaller(desk, body, eventId))) {
    throw notTheCallers();
  }
  if (standing === 'restricted' && !(await isHeldFor(desk, subject, body.caseId))) {
    throw restricted();
  }
  const by = officerOf(asker.by);
  const counting = (setting: PersonalSetting) =>
    desk.settings.valueFor(setting, by.region, desk.today());
  const unmaskPerDay = await counting('unmask-per-day');
  const ofTheDay = await desk.measures.countUnmasking(by.id, desk.today(), unmaskPerDay);
  if (ofTheDay === null) throw limitReached(unmaskPerDay);
  const aboveUsual = ofTheDay > (await counting('unmask-usual'));
  const { field, purpose, caseId, reason } = body;
  const { position } = await recordedFirst(
    oversight.record(by, {
      type: 'PersonalDataUnmasked',
      data: {
        ...{ purpose, caseId, field, ofTheDay, aboveUsual },
        ...{ subjectEventId: eventId, subject: subject.toString('hex') },
      },
      reason,
    }),
  );
  if (aboveUsual) logger.warn('unmasking-above-usual', { actor: by.id, ofTheDay });
  const values = (await desk.open([person])).get(eventId);
  // Erased between the two: then there is nothing to show, and the look stays on record.
  if (!values) throw erased();
  return {
    ...{ eventId, field, value: values[field] },
    expiresAt: new Date(desk.now().getTime() + SHOWN_MS).toISOString(),
    ...{ ofTheDay, limitOfTheDay: unmaskPerDay, position: Number(position) },
  };
}

async function isCaller(
  desk: PersonalDesk,
  { callerId }: UnmaskBody,
  eventId: string,
): Promise<boolean> {
  if (callerId === undefined) return false;
  const caller = { name: null, code: normaliseResidentId(callerId), account: null };
  return desk.ledger.vault.withIndexes(async (indexes) => {
    const subject = await desk.measures.subjectOf(eventId);
    return subject !== null && indexes.some((index) => subjectOf(caller, index).equals(subject));
  });
}

async function isHeldFor(desk: PersonalDesk, subject: Buffer, caseId: string): Promise<boolean> {
  const holds = await desk.measures.holdsOn(subject, desk.today());
  return holds.some((hold) => hold.caseId === caseId);
}
