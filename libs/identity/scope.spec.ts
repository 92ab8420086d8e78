import type { RegionCode } from '@fundflow/domain/region';
import { regionTable } from '../../test/support/handed-in-files.js';
import type { Role } from './policy.js';
import type { Principal } from './principal.js';
import { Scope, scopeOf } from './scope.js';

const NOW = Date.UTC(2020, 10, 20);
const code = (text: string): RegionCode => text as RegionCode;

const principal = (role: Role, region: string, more: Partial<Principal> = {}): Principal => ({
  ...{ actorId: 'u-1', login: 'wei', roles: [role], region: code(region), unit: '某单位' },
  ...{ mustChangePassword: false, mustShowSecondFactor: false, cases: [] },
  ...more,
});
const openUntil = (untilMs: number): Partial<Principal> => ({
  cases: [{ region: code('52'), caseId: '案1', untilMs }],
});

describe('how far somebody reaches', () => {
  it('is the place and what lies in it, by whole levels of the code', () => {
    const { regions } = scopeOf(principal('inspector', '4501'), 'ask', NOW);
    const scope = new Scope(regions);
    for (const within of ['4501', '450124', '450124100001']) {
      expect([within, scope.covers(code(within))]).toEqual([within, true]);
    }
    for (const beyond of ['45', '4502', '450', '000000', '52']) {
      expect([beyond, scope.covers(code(beyond))]).toEqual([beyond, false]);
    }
  });

  it('goes beyond it for a case up to the last millisecond, and not in the one in which it ends', () => {
    const at = (untilMs: number) =>
      scopeOf(principal('inspector', '45', openUntil(untilMs)), 'ask', NOW).regions;
    expect(at(NOW + 1)).toEqual(['45', '52']);
    expect(at(NOW)).toEqual(['45']);
    expect(at(NOW - 1)).toEqual(['45']);
  });

  it.each(['finance-maker', 'hotline', 'auditor'] as const)(
    'a case opens nothing to a %s, and nothing of what is decided to an inspector',
    (role) => {
      const cases = openUntil(NOW + 1);
      expect(scopeOf(principal(role, '45', cases), 'ask', NOW).regions).toEqual(['45']);
      const inspector = principal('inspector', '45', cases);
      expect(scopeOf(inspector, 'decide-erasure', NOW).regions).toEqual(['45']);
    },
  );

  it('is nowhere before the account is ready', () => {
    for (const held of [{ mustChangePassword: true }, { mustShowSecondFactor: true }]) {
      expect(scopeOf(principal('inspector', '45', held), 'ask', NOW).regions).toEqual([]);
    }
  });

  it('is the whole ledger for a province and the centre, and nothing of it for a county', () => {
    const whole = (region: string) =>
      scopeOf(principal('auditor', region), 'ask-whole-ledger', NOW).regions;
    expect([whole('000000'), whole('45'), whole('4501'), whole('450124')]).toEqual([
      ...[['000000'], ['000000'], [], []],
    ]);
  });

  it('is what lies strictly below where one’s equals are out of reach', () => {
    const scope = scopeOf(principal('inspector', '4501'), 'read-oversight', NOW);
    const reached = ['4501', '450124', '45', '4502'].filter((place) => scope.covers(code(place)));
    expect(reached).toEqual(['450124']);
  });

  it('follows a county under each of its names', () => {
    const [before, now] = renamed();
    const scope = new Scope([code(now)]);
    expect(scope.covers(code(before), regionTable)).toBe(true);
    expect(new Scope([code(before)]).covers(code(now), regionTable)).toBe(true);
    expect(scope.covers(code('52'), regionTable)).toBe(false);
  });
});

/** A county and the code it has by now. */
function renamed(): [string, string] {
  for (let county = 0; county < 10_000; county += 1) {
    const before = `45${String(county).padStart(4, '0')}`;
    const now = regionTable.current(code(before));
    if (now !== before && now.length === 6) return [before, now];
  }
  throw new Error('no county of this table was ever renamed');
}
