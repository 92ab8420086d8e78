import { randomUUID } from 'node:crypto';
import type { RegionCode } from '@fundflow/domain/region';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import { outOfJurisdiction } from '@fundflow/identity/refusals';
import type { Scope } from '@fundflow/identity/scope';
import type { PersonalDesk } from './personal-desk.js';
import { erased, unknownMeasure } from './refusals.js';
import type { HoldBody, RestrictionBody } from './requests.js';

interface Asker {
  readonly by: Principal;
  readonly scope: Scope;
}

/** The person an event names, to whoever may see the record. */
export async function subjectOfEvent(
  desk: PersonalDesk,
  scope: Scope,
  eventId: string,
): Promise<{ readonly subject: Buffer; readonly region: string }> {
  const { region } = await desk.visible(eventId, scope);
  const subject = await desk.measures.subjectOf(eventId);
  if (subject === null) throw erased();
  return { subject, region };
}

/**
 * Keeps a person's data from being erased, and readable for one case. The event comes first; a crash in between leaves an
 * event without a hold, and the call is made again.
 */
export async function setHold(
  desk: PersonalDesk,
  { by, scope }: Asker,
  { eventId, caseId, reason, until = null }: HoldBody,
): Promise<{ readonly holdId: string; readonly until: string | null }> {
  const { subject, region } = await subjectOfEvent(desk, scope, eventId);
  const holdId = randomUUID();
  await recordedFirst(
    desk.ledger.oversight.record(officerOf(by), {
      type: 'LegalHoldSet',
      data: { holdId, subject: subject.toString('hex'), caseId, until: endOf(until) },
      reason,
      key: `legal-hold:${holdId}`,
    }),
  );
  const hold = { holdId, subject, region, caseId, until };
  if (!(await desk.measures.setHold(hold, eventId))) throw erased();
  return { holdId, until };
}

/**
 * Whoever has jurisdiction over the record by which the person was named lifts it; where that record was not kept, over
 * everything kept of the person.
 */
export async function liftHold(
  desk: PersonalDesk,
  { by, scope }: Asker,
  holdId: string,
): Promise<void> {
  const hold = await desk.measures.findHold(holdId);
  if (!hold) throw unknownMeasure();
  if (hold.region === '') await assertCoversAll(desk, scope, hold.subject);
  else if (
    !scope.covers(hold.region as RegionCode, desk.ledger.regions) ||
    !(await desk.measures.isHoldWithin(desk.ledger.within(scope), holdId))
  ) {
    throw outOfJurisdiction(hold.region);
  }
  await recordedFirst(
    desk.ledger.oversight.record(officerOf(by), {
      type: 'LegalHoldLifted',
      data: { holdId, subject: hold.subject.toString('hex') },
      key: `legal-hold:${holdId}:lifted`,
    }),
  );
  await desk.measures.liftHold(holdId);
}

/** Keeps a person's data and shows it no more, except for the case of a hold. */
export async function restrict(
  desk: PersonalDesk,
  { by, scope }: Asker,
  body: RestrictionBody,
): Promise<{ readonly restrictionId: string; readonly until: string | null }> {
  const { eventId, basis, reason, until = null } = body;
  const { subject } = await subjectOfEvent(desk, scope, eventId);
  const restrictionId = randomUUID();
  await restrictSubject(desk, by, { restrictionId, eventId, subject, basis, reason, until });
  return { restrictionId, until };
}

export async function restrictSubject(
  desk: PersonalDesk,
  by: Principal,
  measure: {
    readonly restrictionId: string;
    /** That named the person; null: the erasure of the same id did. */
    readonly eventId: string | null;
    readonly subject: Buffer;
    readonly basis: string;
    readonly reason: string | null;
    readonly until: string | null;
  },
): Promise<void> {
  const { restrictionId, subject, basis, reason, until } = measure;
  await recordedFirst(
    desk.ledger.oversight.record(officerOf(by), {
      type: 'ProcessingRestricted',
      data: { restrictionId, subject: subject.toString('hex'), basis, until: endOf(until) },
      reason,
      key: `restriction:${restrictionId}`,
    }),
  );
  await desk.measures.restrict({ restrictionId, subject, until }, measure.eventId);
}

export async function liftRestriction(
  desk: PersonalDesk,
  { by, scope }: Asker,
  restrictionId: string,
): Promise<void> {
  const subject = await coveredPerson(desk, scope, restrictionId);
  await recordedFirst(
    desk.ledger.oversight.record(officerOf(by), {
      type: 'RestrictionLifted',
      data: { restrictionId, subject: subject.toString('hex') },
      key: `restriction:${restrictionId}:lifted`,
    }),
  );
  await desk.measures.liftRestriction(restrictionId);
}

/** A person has one name less after the key of the blind indexes was changed: asked again, it is another one once. */
const NAMES_MAX = 3;

/** The person of a restriction in force, everything of whom the scope covers. */
async function coveredPerson(
  desk: PersonalDesk,
  scope: Scope,
  restrictionId: string,
): Promise<Buffer> {
  for (let asked = 1; ; asked += 1) {
    const subject = await desk.measures.restricted(restrictionId);
    if (!subject) throw unknownMeasure();
    await assertCoversAll(desk, scope, subject);
    if ((await desk.measures.restricted(restrictionId))?.equals(subject)) return subject;
    if (asked === NAMES_MAX) throw unknownMeasure();
  }
}

/** @throws Problem 403 `out-of-jurisdiction` when something of the person lies beyond the scope */
export async function assertCoversAll(
  desk: PersonalDesk,
  scope: Scope,
  subject: Buffer,
): Promise<void> {
  const within = await desk.measures.regionsWithin(desk.ledger.within(scope), subject);
  for (const region of await desk.measures.regionsOf(subject)) {
    if (!scope.covers(region as RegionCode, desk.ledger.regions)) {
      throw outOfJurisdiction(region);
    }
    if (!within.includes(region)) throw outOfJurisdiction(region);
  }
}

/** The last moment of a day in Asia/Shanghai. */
const endOf = (day: string | null): string | null => (day === null ? null : `${day}T15:59:59.999Z`);
