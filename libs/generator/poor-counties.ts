export type Poverty = 'extreme' | 'deep' | 'national' | 'regional';

/**
 * Guangxi's poor counties by their code of 2020: `data/divisions/guangxi-poor-counties.csv` (a spec compares). Of the
 * 54 the file knows 39; the region's own list is public in parts only.
 */
export const POOR_COUNTIES: Readonly<Record<string, Poverty>> = {
  ...of('extreme', '451026 451031 451228 451229'),
  ...of('deep', '450124 450225 450226 451024 451027 451028 451029 451081'),
  ...of('deep', '451121 451223 451224 451225 451226 451227 451321 451425'),
  ...of('national', '450123 450125 450224 450328 450329 451003 451022'),
  ...of('national', '451030 451123 451324 451422 451423 451424'),
  ...of('regional', '450327 450422 450881 450923 451103 451122'),
};

/** How much money a county draws: new funds favour the deeply poor (the opinions of 2018, 七(一) and 三(三)). */
export const WEIGHTS: Readonly<Record<Poverty | 'other', number>> = {
  extreme: 9,
  deep: 6,
  national: 4,
  regional: 3,
  other: 1,
};

function of(poverty: Poverty, codes: string): Record<string, Poverty> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, poverty]));
}
