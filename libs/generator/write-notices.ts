import { BASE_RATES } from './base-rates.js';
import { type CountyWriter, nextId, townshipOf, villageOf } from './county-writer.js';
import { type DayNo, dayText, PLAN_END, yearOf } from './days.js';
import type { Activity, Project } from './plan.js';
import type { Grant } from './upper-plan.js';

interface Notice {
  readonly subject: string;
  readonly level: '县' | '乡' | '村';
  readonly place: string;
  readonly posted: DayNo;
}

const STILL_UP_PPM = 10_000;

/** Ten days and more is the rule (R11); some are shorter, some were never posted, a few are still up. */
function post({ subject, level, place, posted }: Notice, writer: CountyWriter): void {
  const { random } = writer;
  if (random.chance(BASE_RATES.missingNotices)) return;
  const days = random.chance(BASE_RATES.shortNotices)
    ? random.between(3, 9)
    : random.between(10, 20);
  const removed = random.chance(STILL_UP_PPM)
    ? ''
    : dayText(Math.min(posted + days, PLAN_END + 60));
  writer.write('notices', [
    nextId(writer, 'notice'),
    subject,
    level,
    place,
    dayText(posted),
    removed,
  ]);
}

/** What a county got, on its site (R12, R13). */
export function postGrant(grant: Grant, writer: CountyWriter): void {
  const posted = Math.min(grant.received + writer.random.between(2, 20), PLAN_END);
  const place = `${writer.county.nameIn(yearOf(posted))}人民政府网站`;
  post({ subject: grant.id, level: '县', place, posted }, writer);
}

/** The project in the county's library, and at the place where it is carried out. */
export function postProject(project: Project, writer: CountyWriter): void {
  const { library, approved } = project.dates;
  const from = approved ?? library ?? 0;
  const posted = Math.min(from + writer.random.between(1, 10), PLAN_END);
  const site = `${writer.county.nameIn(yearOf(posted))}人民政府网站`;
  post({ subject: project.id, level: '县', place: site, posted }, writer);
  const atVillage = project.archetype.pays !== 'households';
  const place = atVillage ? villageOf(writer, project) : townshipOf(writer, project);
  const board = { level: atVillage ? '村' : '乡', place: `${place.name}公示栏` } as const;
  post({ subject: project.id, ...board, posted }, writer);
}

/** Who gets how much, on the village boards before the money goes out; the list is named by its first payment. */
export function postPayments(activity: Activity, firstPayment: string, writer: CountyWriter): void {
  if (activity.project.archetype.pays !== 'households') return;
  const { paidFrom, issued } = activity.schedule;
  const posted = Math.max(issued, paidFrom - writer.random.between(11, 25));
  const place = `${townshipOf(writer, activity.project).name}各村公示栏`;
  post({ subject: firstPayment, level: '村', place, posted }, writer);
}
