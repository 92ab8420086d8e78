import type { Sink } from './file-columns.js';
import type { Level } from './plan.js';
import type { County, Place } from './places.js';
import type { Random } from './random.js';
import { departmentOf, townshipOffice, type Unit, villageCommittee } from './units.js';
import type { Department } from './units.js';

/** What the rows of one county share while they are written: where they go, and how they are counted. */
export interface CountyWriter {
  readonly county: County;
  readonly seed: number;
  readonly write: Sink;
  readonly random: Random;
  readonly counts: Record<'payment' | 'return' | 'reversal' | 'notice', number>;
}

const PREFIXES = { payment: 'ZF', return: 'TH', reversal: 'CX', notice: 'GS' } as const;

/** `ZF450124-1`: counted within the county. */
export function nextId(writer: CountyWriter, of: keyof typeof PREFIXES): string {
  writer.counts[of] += 1;
  return `${PREFIXES[of]}${writer.county.id}-${writer.counts[of]}`;
}

/** Where a project lies and who carries it out. */
export interface Seat {
  readonly level: Level;
  readonly township: number;
  readonly village: number;
}

export const townshipOf = ({ county }: CountyWriter, { township }: Seat): Place =>
  county.townships[township] as Place;
export const villageOf = ({ county }: CountyWriter, { village }: Seat): Place =>
  county.villages[village] as Place;

export function unitOf(
  writer: CountyWriter,
  seat: Seat,
  department: Department,
  year: number,
): Unit {
  switch (seat.level) {
    case 'department':
      return departmentOf(writer.county, department, year);
    case 'township':
      return townshipOffice(writer.county, townshipOf(writer, seat));
    case 'village':
      return villageCommittee(writer.county, villageOf(writer, seat), seat.village);
  }
}

/** The code under which it holds money in a year. */
export function regionOf(writer: CountyWriter, seat: Seat, year: number): string {
  const county = writer.county.codeIn(year);
  switch (seat.level) {
    case 'department':
      return county;
    case 'township':
      return county + townshipOf(writer, seat).suffix;
    case 'village':
      return county + villageOf(writer, seat).suffix;
  }
}

/** A voucher number of the day; rows of one pay run share it. */
export const voucherOf = (sort: 'ZF' | 'BK' | 'YKT', shortDay: string, number: number): string =>
  `${sort}${shortDay}-${number}`;
