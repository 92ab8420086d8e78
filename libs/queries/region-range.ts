import { CENTRE, type RegionCode } from '@fundflow/domain/region';

/** Bounds of the codes that lie in a region, in "C" order: everything lies in the centre. */
export interface RegionRange {
  readonly from: string;
  readonly below: string;
}

export function rangeOf(region: RegionCode): RegionRange {
  // ':' is the character behind '9'.
  return region === CENTRE ? { from: '', below: ':' } : { from: region, below: `${region}:` };
}

/** Whether a column lies in the range of two parameters; null does not. */
export const inRange = (column: string, from: number): string =>
  `coalesce(${column} >= $${from}::text AND ${column} < $${from + 1}::text, false)`;
