import { randomUUID } from 'node:crypto';
import type { SettingName, SettingTerms } from '@fundflow/domain/oversight/setting-proposals';
import type { EventStore } from '@fundflow/event-store/event-store';
import type { Administrators } from '@fundflow/identity/accounts/administrators';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import { alreadyDecided, outOfJurisdiction, secondPersonNeeded } from '@fundflow/identity/refusals';
import type { Scope } from '@fundflow/identity/scope';
import { Problem } from '@fundflow/nest-edge/problem';
import type { OversightFact, OversightLog } from '@fundflow/oversight/oversight-log';
import type {
  KeptSetting,
  SettingProposal,
  SettingProposals,
} from '@fundflow/oversight/postgres/setting-proposals';
import type { SettingAnswer } from './setting-shapes.js';

/** A proposal nobody approved by then is made anew: somebody then looks at it again. */
const PROPOSAL_MS_MAX = 30 * 24 * 3_600_000;

const unknownProposal = () =>
  new Problem({
    status: 404,
    code: 'unknown-proposal',
    title: '没有这项申请',
    detail: '请核对编号（GET /api/v1/settings，或 npx fundflow settings list）。',
  });
const proposalLapsed = () =>
  new Problem({
    status: 409,
    code: 'proposal-lapsed',
    title: '申请已过期，请重新提出',
    detail: '申请提出后 30 日内未获批准即失效。',
  });

/** What is particular to the settings of one name. Both are inert when repeated: a crash may have come between. */
export interface SettingKind {
  /** What the log says of the proposal. */
  proposed(proposal: SettingProposal): OversightFact;
  /**
   * Brings an approved setting into force, the event first.
   *
   * @returns the position of the event that says so
   */
  enforce(by: Principal, proposal: SettingProposal): Promise<bigint>;
}

export type SettingKinds = Readonly<Record<SettingName, SettingKind>>;

/** Settings are proposed by one administrator and approved by another one; where there is only one, by him, and then the log says so. */
export class SettingDesk {
  constructor(
    private readonly parts: {
      readonly proposals: SettingProposals;
      readonly administrators: Pick<Administrators, 'standsAlone'>;
      readonly oversight: Pick<OversightLog, 'record'>;
      readonly store: Pick<EventStore, 'readAll'>;
      readonly kinds: SettingKinds;
    },
  ) {}

  /** @throws Problem 403 `out-of-jurisdiction`, 503 `not-recorded` */
  async propose(asker: Principal, scope: Scope, terms: SettingTerms): Promise<SettingAnswer> {
    const { proposals, administrators, oversight, kinds } = this.parts;
    if (!scope.covers(terms.region)) throw outOfJurisdiction(terms.region);
    const by = { proposedBy: asker.actorId, proposedAt: new Date() };
    const proposal = { id: randomUUID(), ...terms, ...by };
    const fact = kinds[terms.setting].proposed(proposal);
    await recordedFirst(oversight.record(officerOf(asker), fact));
    await proposals.propose(proposal);
    const isAlone = await administrators.standsAlone(asker, terms.region);
    return isAlone ? this.#approved(asker, proposal) : this.#shown(proposal.id);
  }

  /**
   * @throws Problem, first match wins: 404 `unknown-proposal`, 403 `out-of-jurisdiction`, `second-person-needed`,
   * 409 `already-decided`, `proposal-lapsed`, 503 `not-recorded`, `busy`
   */
  async approve(asker: Principal, scope: Scope, id: string): Promise<SettingAnswer> {
    const proposal = await this.parts.proposals.find(id);
    if (proposal === null) throw unknownProposal();
    if (!scope.covers(proposal.region)) throw outOfJurisdiction(proposal.region);
    if (proposal.proposedBy === asker.actorId) throw secondPersonNeeded();
    if (proposal.position !== null) throw alreadyDecided();
    if (Date.now() - proposal.proposedAt.getTime() > PROPOSAL_MS_MAX) throw proposalLapsed();
    return this.#approved(asker, proposal);
  }

  async list({ region }: Principal): Promise<SettingAnswer[]> {
    return (await this.parts.proposals.list(region)).map(answerOf);
  }

  /** The event first: a crash in between leaves an event, and the approval is given again. */
  async #approved(asker: Principal, proposal: SettingProposal): Promise<SettingAnswer> {
    const { id, setting } = proposal;
    const position = await this.parts.kinds[setting].enforce(asker, proposal);
    // Of two who approve at the same moment, or before and after a crash, it is whom the log names.
    const [event] = await this.parts.store.readAll(position - 1n, 1);
    const { actor } = JSON.parse(event?.record ?? '{}') as { actor?: string };
    if (actor === undefined) throw new Error(`position ${position} says no setting was approved`);
    if (!(await this.parts.proposals.approve(id, actor, position))) throw alreadyDecided();
    return this.#shown(id);
  }

  async #shown(id: string): Promise<SettingAnswer> {
    const kept = await this.parts.proposals.find(id);
    if (kept === null) throw new Error(`setting ${id} was kept and is missing`);
    return answerOf(kept);
  }
}

const answerOf = (kept: KeptSetting): SettingAnswer => ({
  ...kept,
  proposedAt: kept.proposedAt.toISOString(),
  position: kept.position === null ? null : Number(kept.position),
});
