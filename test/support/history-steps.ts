import { addDays, type Day, latest } from '@fundflow/domain/calendar';
import { type Holding, receivedOn } from '@fundflow/domain/holding/holding';
import { liesIn, type RegionCode } from '@fundflow/domain/region';
import type { FundType, NoticeLevel, Row } from '@fundflow/domain/rows';
import { complete, mend, reverse } from './history-corrections.js';
import { amountOf, pick, received, type Scene, START, type Step } from './history-dice.js';
import { REGION } from './regions.js';
import * as row from './rows.js';

const ALLOCATIONS_FIRST = 3;

const PLACES: readonly RegionCode[] = [
  REGION.mashan,
  REGION.guangxi,
  REGION.nanning,
  REGION.shanglin,
  REGION.baishan,
  REGION.lipuCity,
  REGION.guilin,
  REGION.lipuCounty,
  REGION.baishanVillage,
  REGION.centre,
];

const GIVERS: readonly RegionCode[] = [REGION.centre, REGION.guangdong, REGION.guangxi];
const FUND_TYPES: readonly FundType[] = ['central-special', 'region-special', 'pooled', 'bond'];
const LEVELS: readonly NoticeLevel[] = ['county', 'township', 'village'];

type Proposal = (scene: Scene, step: Step, id: string) => Row | null;

/** How often what happens, in a hundred. The order is the order of shrinking. */
const WEIGHTED: readonly (readonly [number, Proposal])[] = [
  [10, enter],
  [15, passDown],
  [8, grow],
  [13, disburse],
  [15, pay],
  [6, bounce],
  [5, sendBack],
  [6, recall],
  [9, reverse],
  [5, complete],
  [4, mend],
  [2, plan],
  [2, announce],
];

/** The row a step stands for, or null where nothing fits yet. It may still be refused. */
export function propose(scene: Scene, step: Step, id: string): Row | null {
  // A plan with a single pot tells no story: the first allocations come first.
  if (scene.ids.allocations.length < ALLOCATIONS_FIRST) return enter(scene, step, id);
  let left = step.action % 100;
  for (const [weight, proposal] of WEIGHTED) {
    if (left < weight) return proposal(scene, step, id);
    left -= weight;
  }
  throw new Error('the weights of a history do not add up to a hundred');
}

/** From the one the dice show on: the first allocation or disbursement that has something, and the day of the draw. */
function source(
  { books }: Scene,
  ids: readonly string[],
  step: Step,
  suits: (holding: Holding) => boolean = () => true,
): { holding: Holding; on: Day; there: bigint } | null {
  for (let tried = 0; tried < ids.length; tried += 1) {
    const holding = books.holding(ids[(step.who + tried) % ids.length] as string);
    const from = holding ? receivedOn(holding) : null;
    if (!holding || from === null || holding.reversed || !suits(holding)) continue;
    const on = addDays(from, step.offset);
    const there = holding.timeline.lowestFrom(on);
    if (there > 0n) return { holding, on, there };
  }
  return null;
}

const projectFor = ({ ids }: Scene, step: Step): string | null =>
  step.twist % 4 === 1 ? pick(ids.projects, step.other) : null;

function enter(scene: Scene, step: Step, id: string): Row {
  const issuedOn = addDays(START, step.offset * 7);
  return row.allocation({
    id,
    amount: BigInt(step.share + 1) * 1_00n,
    issuerRegion: pick(GIVERS, step.other) as RegionCode,
    receiverRegion: pick(PLACES, step.who) as RegionCode,
    fundType: pick(FUND_TYPES, step.twist) as FundType,
    issuedOn,
    receivedOn: received(step, issuedOn),
    projectId: projectFor(scene, step),
  });
}

function passDown(scene: Scene, step: Step, id: string): Row | null {
  const from = source(scene, scene.ids.allocations, step);
  if (!from) return null;
  const { holding, on, there } = from;
  const below = PLACES.filter((place) => place.startsWith(holding.region));
  return row.allocation({
    id,
    parentId: holding.id,
    amount: amountOf(step, there),
    issuerRegion: holding.region,
    receiverRegion: pick(below, step.other) ?? holding.region,
    fundType: holding.fundType,
    issuedOn: on,
    receivedOn: received(step, on),
    projectId: projectFor(scene, step),
  });
}

function grow(scene: Scene, step: Step, id: string): Row | null {
  const grown = pick(scene.ids.allocations, step.other);
  const holding = grown === null ? undefined : scene.books.holding(grown);
  const since = holding ? receivedOn(holding) : null;
  if (!holding || since === null) return null;
  const above = (candidate: Holding): boolean =>
    candidate.id !== holding.id && liesIn(holding.region, candidate.region);
  const pooled = step.twist % 3 !== 0;
  const from = pooled ? source(scene, scene.ids.allocations, step, above) : null;
  const on = latest(since, from?.on) as Day;
  return row.supplement({
    id,
    allocationId: holding.id,
    parentId: from?.holding.id ?? null,
    amount: from ? amountOf(step, from.there) : BigInt(step.share + 1) * 10n,
    issuerRegion: from?.holding.region ?? REGION.guangxi,
    issuedOn: on,
    receivedOn: received(step, on),
  });
}

function disburse(scene: Scene, step: Step, id: string): Row | null {
  const from = source(scene, scene.ids.allocations, step);
  if (!from) return null;
  return row.disbursement({
    id,
    allocationId: from.holding.id,
    amount: amountOf(step, from.there),
    disbursedOn: from.on,
    creditedOn: received(step, from.on),
    projectId: projectFor(scene, step),
    voucherNo: `V-${id}`,
  });
}

function pay(scene: Scene, step: Step, id: string): Row | null {
  const { disbursements, allocations } = scene.ids;
  const ids = step.twist % 3 === 0 ? allocations : disbursements;
  const from = source(scene, ids, step);
  if (!from) return null;
  const alreadyHappened = step.twist % 16 === 15;
  const amount = amountOf(step, from.there);
  return row.payment({
    id,
    sourceId: from.holding.id,
    amount: alreadyHappened ? from.there + amount : amount,
    paidOn: from.on,
    method: from.holding.kind === 'allocation' ? 'direct' : 'card',
    payeeRegion: step.other % 3 === 0 ? REGION.baishanVillage : null,
    alreadyHappened,
    reason: alreadyHappened ? '银行回单在先' : null,
    projectId: projectFor(scene, step),
    voucherNo: `V-${id}`,
  });
}

function bounce(scene: Scene, step: Step, id: string): Row | null {
  const paymentId = pick(scene.ids.payments, step.who);
  const paid = paymentId === null ? undefined : scene.books.record(paymentId)?.row;
  if (paid?.kind !== 'payments') return null;
  return row.bankReturn({
    id,
    ofId: paid.id,
    amount: amountOf(step, paid.amountFen),
    returnedOn: addDays(paid.paidOn, step.offset),
  });
}

function sendBack(scene: Scene, step: Step, id: string): Row | null {
  const from = source(scene, scene.ids.disbursements, step);
  if (!from) return null;
  return row.cashReturn({
    id,
    ofId: from.holding.id,
    amount: amountOf(step, from.there),
    returnedOn: from.on,
    receivedOn: received(step, from.on),
  });
}

function recall(scene: Scene, step: Step, id: string): Row | null {
  const from = source(scene, scene.ids.allocations, step);
  if (!from) return null;
  const line = pick(from.holding.lines, step.other);
  if (!line?.receivedOn) return null;
  const on = latest(from.on, line.receivedOn) as Day;
  const there = from.holding.timeline.lowestFrom(on);
  return row.recall({
    id,
    ofId: line.id,
    amount: amountOf(step, line.amountFen < there ? line.amountFen : there),
    returnedOn: on,
    receivedOn: received(step, on),
  });
}

function plan(_: Scene, step: Step, id: string): Row {
  const libraryOn = addDays(START, step.offset);
  const approvedOn = addDays(libraryOn, step.delay);
  const acceptedOn = step.twist % 3 === 2 ? addDays(approvedOn, 200 + step.delay) : null;
  const village = step.twist % 2 === 1;
  return row.project({
    id,
    county: step.other % 4 === 3 ? REGION.shanglin : REGION.mashan,
    township: step.other % 4 === 3 || !village ? null : REGION.baishan,
    village: step.other % 4 === 3 || !village ? null : REGION.baishanVillage,
    libraryOn,
    approvedOn,
    acceptedOn,
  });
}

function announce(scene: Scene, step: Step, id: string): Row | null {
  const { projects, allocations, payments } = scene.ids;
  const subjectId = pick([...projects, ...allocations, ...payments], step.who);
  if (subjectId === null) return null;
  const postedOn = addDays(START, step.offset * 7);
  return row.notice({
    id,
    subjectId,
    level: pick(LEVELS, step.other) as NoticeLevel,
    postedOn,
    removedOn: received(step, postedOn),
  });
}
