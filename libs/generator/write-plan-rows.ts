import { fen } from '@fundflow/domain/money';
import { wanText, yuanText } from './amounts.js';
import { type CountyWriter, regionOf, townshipOf, unitOf, villageOf } from './county-writer.js';
import { dayText, yearOf } from './days.js';
import { asHandedIn, documentNo } from './documents.js';
import type { Sink } from './file-columns.js';
import { type Activity, availableOf, type Project } from './plan.js';
import type { Random } from './random.js';
import type { UpperAllocation } from './upper-plan.js';

const optional = (day: number | null): string => (day === null ? '' : dayText(day));

/** Region, cities and counties write in 万元. */
export function writeUpperAllocation(row: UpperAllocation, write: Sink, random: Random): void {
  write('allocations', [
    row.id,
    row.parentId ?? '',
    asHandedIn(row.documentNo, random),
    row.fund.chinese,
    `${row.fiscalYear}`,
    row.issuer,
    row.receiver,
    row.receiverName,
    wanText(row.amountFen),
    '万元',
    dayText(row.issued),
    optional(row.received),
    '21305',
    '',
    row.purpose,
    row.remark,
  ]);
}

export function writeProject(project: Project, writer: CountyWriter): void {
  const { archetype, dates, level } = project;
  const first = dates.approved ?? dates.library ?? 0;
  const year = yearOf(first);
  const county = writer.county.codeIn(year);
  const unit = unitOf(writer, project, archetype.department, year);
  const planned = fen(project.activities.reduce((sum, a) => sum + availableOf(a), 0n));
  const inVillage = archetype.pays !== 'households';
  writer.write('projects', [
    project.id,
    project.name,
    county,
    county + townshipOf(writer, project).suffix,
    inVillage ? county + villageOf(writer, project).suffix : '',
    archetype.category,
    level === 'department' ? unit.name : `${writer.county.nameIn(year)}${unit.name}`,
    unit.code,
    yuanText(planned),
    '元',
    optional(dates.library),
    optional(dates.approved),
    optional(dates.plannedStart),
    optional(dates.plannedEnd),
    archetype.target,
    optional(dates.accepted),
    optional(dates.closed),
  ]);
}

/** The county's allocation to a project, and what is pooled with it from a second source. */
export function writeActivityAllocation(activity: Activity, writer: CountyWriter): void {
  const { grant, project, schedule, extra } = activity;
  const { county, random } = writer;
  const year = yearOf(schedule.issued);
  const issuer = `${county.shortName}财农`;
  writer.write('allocations', [
    activity.id,
    grant.id,
    asHandedIn(documentNo(issuer, grant.fund, schedule.issued), random),
    grant.fund.chinese,
    `${grant.fiscalYear}`,
    county.codeIn(year),
    regionOf(writer, project, year),
    unitOf(writer, project, project.archetype.department, year).name,
    yuanText(activity.amountFen),
    '元',
    dayText(schedule.issued),
    activity.left === 'unacknowledged' ? '' : dayText(schedule.received),
    project.archetype.functionCode,
    project.id,
    project.archetype.title,
    '',
  ]);
  if (extra === null) return;
  const day = dayText(schedule.received);
  writer.write('supplements', [
    `ZJ${county.id}-${activity.number}`,
    activity.id,
    extra.grant.id,
    asHandedIn(documentNo(issuer, extra.grant.fund, schedule.received), random),
    extra.grant.fund.chinese,
    county.codeIn(yearOf(schedule.received)),
    yuanText(extra.amountFen),
    '元',
    day,
    day,
    project.archetype.title,
    '统筹整合',
  ]);
}
