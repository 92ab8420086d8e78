import { randomUUID } from 'node:crypto';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import type { Scope } from '@fundflow/identity/scope';
import { submissionStream } from '@fundflow/domain/submission/certify';
import { PostgresStaging } from '@fundflow/submissions/postgres/postgres-staging';
import {
  dropStaged,
  resealStaged,
  type StagedSubmission,
  submissionsNaming,
} from '@fundflow/submissions/postgres/staged-people';
import { type Erasure, TooManyEntries } from '@fundflow/vault/postgres/erasures';
import { VAULT_BATCH_MAX } from '@fundflow/vault/vault';
import { assertCoversAll, restrictSubject, subjectOfEvent } from './measures.js';
import type { PersonalDesk } from './personal-desk.js';
import {
  alreadyDecided,
  anotherMustApprove,
  onHold,
  postingUnderWay,
  tooManyEntries,
  unknownErasure,
} from './refusals.js';
import type { ErasureBasis, ErasureBody } from './requests.js';

interface Asker {
  readonly by: Principal;
  readonly scope: Scope;
}

export interface ErasureAnswer {
  readonly id: string;
  readonly basis: string;
  /** `restricted`: records must still be kept, so the data are kept and shown no more until then. */
  readonly state: Erasure['state'] | 'restricted';
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly approvedBy: string | null;
  readonly erasedEntries: number | null;
  /** YYYY-MM-DD: the last day of a restriction. */
  readonly until: string | null;
}

/** These may be met although records must be kept. */
const AT_ONCE: readonly ErasureBasis[] = ['unlawful', 'order'];
/** UTF-8 bytes of record keys in one event: the log takes 65,535 in all. */
const KEYS_BYTES_MAX = 40_000;

/** Proposes to erase the person an event names; another has to approve. */
export async function proposeErasure(
  desk: PersonalDesk,
  { by, scope }: Asker,
  { eventId, basis, reason }: ErasureBody,
): Promise<ErasureAnswer> {
  const { subject, region } = await subjectOfEvent(desk, scope, eventId);
  const erasureId = randomUUID();
  await recordedFirst(
    desk.ledger.oversight.record(officerOf(by), {
      type: 'ErasureProposed',
      data: { erasureId, subject: subject.toString('hex'), basis },
      reason,
      key: `erasure-proposal:${erasureId}`,
    }),
  );
  const proposedAt = desk.now();
  const proposal = { erasureId, subject, region, basis, proposedBy: by.actorId, proposedAt };
  await desk.erasures.propose(proposal, eventId);
  return answerOf(await found(desk, erasureId));
}

export async function listErasures(desk: PersonalDesk, scope: Scope): Promise<ErasureAnswer[]> {
  const erasures = await desk.erasures.list(desk.ledger.within(scope));
  return erasures
    .filter(({ region }) => scope.covers(region as Scope['regions'][number], desk.ledger.regions))
    .map((erasure) => answerOf(erasure));
}

/**
 * The second of two: erases everything kept of the person, or, while records must be kept, restricts it.
 *
 * Refuses, first match wins: 404 `unknown-erasure`, 409 `already-decided`, 403 `second-person-needed`, 403
 * `out-of-jurisdiction` (something of the person lies elsewhere), 409 `legal-hold`, 409 `posting-under-way`, 409
 * `too-many-entries`, 503 `not-recorded`.
 */
export async function approveErasure(
  desk: PersonalDesk,
  { by, scope }: Asker,
  erasureId: string,
): Promise<ErasureAnswer> {
  const erasure = await found(desk, erasureId);
  if (erasure.state === 'done') throw alreadyDecided();
  if (erasure.state === 'approved') return answerOf(await carryOut(desk, erasure));
  if (erasure.proposedBy === by.actorId) throw anotherMustApprove();
  const { subject } = erasure;
  await assertCoversAll(desk, scope, subject);
  const [hold] = await desk.measures.holdsOn(subject, desk.today());
  if (hold) throw onHold(hold.until);
  if (!AT_ONCE.includes(erasure.basis as ErasureBasis)) {
    const until = await keptUntil(desk, subject);
    if (until !== null && until >= desk.today()) {
      const restrictionId = erasureId;
      const measure = {
        ...{ restrictionId, eventId: null, subject, until },
        ...{ basis: erasure.basis, reason: null },
      };
      await restrictSubject(desk, by, measure);
      return { ...answerOf(erasure), state: 'restricted', until };
    }
  }
  await assertNothingUnderWay(desk, subject);
  const approved = await approvalOf(desk, erasure, by);
  if (approved === 'look-again') return approveErasure(desk, { by, scope }, erasureId);
  if (!approved) throw alreadyDecided();
  return answerOf(await carryOut(desk, await found(desk, erasureId)));
}

async function approvalOf(desk: PersonalDesk, erasure: Erasure, by: Principal) {
  try {
    return await desk.erasures.approve(erasure, officerOf(by), desk.today());
  } catch (error) {
    if (error instanceof TooManyEntries) throw tooManyEntries();
    throw error;
  }
}

/** Goes on with what a crash left approved and not destroyed. */
export async function finishErasures(desk: PersonalDesk): Promise<void> {
  for (const erasure of await desk.erasures.unfinished()) await carryOut(desk, erasure);
}

/** Staged copies, then the events, then keys and ciphertexts. Each step may be repeated, so a crash is taken up. */
async function carryOut(desk: PersonalDesk, erasure: Erasure): Promise<Erasure> {
  const { oversight, pool, vault } = desk.ledger;
  const { erasureId, subject, basis, proposedBy, approvedBy, eventIds, recordKeys } = erasure;
  if (!approvedBy || !eventIds || !recordKeys) throw new Error(`erasure ${erasureId} is torn`);
  const staging = new PostgresStaging(pool);
  for (const { id } of await stagedAbout(desk, subject)) {
    await staging.reject(id, WITHDRAWN);
    await dropStaged(pool, id);
  }
  const by = {
    ...{ id: approvedBy, unit: erasure.approvedUnit ?? '' },
    region: (erasure.approvedRegion ?? '') as Principal['region'],
  };
  for (const [index, keys] of [...inRecords(recordKeys)].entries()) {
    await recordedFirst(
      oversight.record(by, {
        type: 'SubjectErased',
        data: {
          ...{ erasureId, basis, subject: subject.toString('hex'), recordKeys: keys },
          approvers: [proposedBy, approvedBy],
        },
        key: `erasure:${erasureId}:${index}`,
      }),
    );
  }
  for (let at = 0; at < eventIds.length; at += VAULT_BATCH_MAX) {
    await vault.destroy(eventIds.slice(at, at + VAULT_BATCH_MAX));
  }
  await desk.erasures.finish(erasureId);
  return found(desk, erasureId);
}

const WITHDRAWN = {
  code: 'subject-erased',
  message: '其中有人的个人信息已依法删除，本次提交未入账，请核对后重新提交。',
  ...{ row: null, part: null },
} as const;

/** Submissions with rows about the person that wait: also such as were sealed before the key of the blind indexes changed. */
async function stagedAbout(desk: PersonalDesk, subject: Buffer): Promise<StagedSubmission[]> {
  const { pool, vault } = desk.ledger;
  const { starts, rename } = vault.formerlyNamed;
  for (const start of await starts()) await resealStaged(pool, start, rename);
  return submissionsNaming(pool, await vault.namesOf(subject));
}

/** Nothing of the person may be between hand-in and vault, where the approval would not see it. */
async function assertNothingUnderWay(desk: PersonalDesk, subject: Buffer): Promise<void> {
  const { store } = desk.ledger;
  const staged = await stagedAbout(desk, subject);
  const isMoving = ({ status }: { status: string }): boolean =>
    status === 'validating' || status === 'posting';
  if (staged.some(isMoving)) throw postingUnderWay();
  const streams = staged.map(({ id }) => submissionStream(id));
  if (streams.length > 0 && (await store.streamVersions(streams)).size > 0) {
    throw postingUnderWay();
  }
}

/** The day until which the newest record of the person must be kept, as each place keeps them; null when nothing is kept. */
async function keptUntil(desk: PersonalDesk, subject: Buffer): Promise<string | null> {
  const page = { after: null, limit: VAULT_BATCH_MAX };
  const people = await desk.recorded(await desk.ledger.vault.findSubject(subject, page));
  const newest = new Map<string, number>();
  for (const { region, occurredOn } of people) {
    const year = Number(occurredOn.slice(0, 4));
    newest.set(region, Math.max(newest.get(region) ?? 0, year));
  }
  let last: number | null = null;
  for (const [region, year] of newest) {
    const years = await desk.settings.valueFor('retention-years', region, desk.today());
    last = Math.max(last ?? 0, year + years);
  }
  // Records are kept by whole years (会计档案管理办法): until the last day of one.
  return last === null ? null : `${last}-12-31`;
}

function* inRecords(keys: readonly string[]): Generator<string[]> {
  let part: string[] = [];
  let bytes = 0;
  for (const key of keys) {
    const size = Buffer.byteLength(key) + 3;
    if (bytes + size > KEYS_BYTES_MAX && part.length > 0) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(key);
    bytes += size;
  }
  yield part;
}

async function found(desk: PersonalDesk, erasureId: string): Promise<Erasure> {
  const erasure = await desk.erasures.find(erasureId);
  if (!erasure) throw unknownErasure();
  return erasure;
}

const answerOf = (erasure: Erasure): ErasureAnswer => ({
  id: erasure.erasureId,
  basis: erasure.basis,
  state: erasure.state,
  proposedBy: erasure.proposedBy,
  proposedAt: erasure.proposedAt.toISOString(),
  approvedBy: erasure.approvedBy,
  erasedEntries: erasure.erasedEntries,
  until: null,
});
