import type { RegionCode } from '@fundflow/domain/region';
import { readScopeOf, type ReadScope } from '@fundflow/row-security/read-scope';
import { loadDivisions, readSuccessors, shippedDivisions } from './load-divisions.js';

const table = loadDivisions();
const successors = readSuccessors();

/** What PostgreSQL makes of the scope. */
const isVisible = ({ from, below, among }: ReadScope, code: string): boolean =>
  code >= from && code < below && (among === '' || new RegExp(among).test(code));

/** Codes that changed hands, and everything in the counties they belong to. */
const counties = new Set(
  successors.flatMap(({ code, successor }) => [code, successor].map((one) => one.slice(0, 6))),
);
const places = [
  ...successors.flatMap(({ code, successor }) => [code, successor]),
  ...shippedDivisions()
    .map(({ code }) => code)
    .filter((code) => counties.has(code.slice(0, 6))),
];
const jurisdictions = [
  ...new Set(places.flatMap((code) => [2, 4, 6, 9].map((length) => code.slice(0, length)))),
] as RegionCode[];

describe('the codes of a jurisdiction', () => {
  it('as PostgreSQL knows them are those that lie in it under either name', () => {
    const wrong: string[] = [];
    const step = Math.ceil(jurisdictions.length / 150);
    for (let at = 0; at < jurisdictions.length; at += step) {
      const jurisdiction = jurisdictions[at] as RegionCode;
      const scope = readScopeOf([jurisdiction], table);
      for (const code of places) {
        const lies = table.liesInEitherName(code, jurisdiction);
        if (isVisible(scope, code) !== lies) wrong.push(`${code} in ${jurisdiction}: ${lies}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
