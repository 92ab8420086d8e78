import {
  type Action,
  ACTIONS,
  actionsOf,
  may,
  reachesOf,
  type Role,
  ROLES,
  rolesRefusal,
  type RolesRefusal,
} from './policy.js';

const NO = '·';

// One row an action, one column a role in the order of ROLES: how far it reaches.
const TABLE: readonly (readonly [Action, ...string[]])[] = [
  //                     maker     checker   inspector           hotline   auditor   admin      system
  ['manage-own-account', 'self', 'self', 'self', 'self', 'self', 'self', 'self'],
  ['submit', 'region', '·', '·', '·', '·', '·', '·'],
  ['certify', '·', 'region', '·', '·', '·', '·', '·'],
  ['follow-submissions', 'region', 'region', '·', '·', '·', '·', '·'],
  ['attach', 'region', '·', 'region-and-cases', 'region', '·', '·', '·'],
  ['ask', 'region', 'region', 'region-and-cases', 'region', 'region', '·', '·'],
  ['ask-whole-ledger', 'whole', 'whole', 'whole', '·', 'whole', '·', '·'],
  ['read-oversight', '·', '·', 'above', '·', 'region', '·', '·'],
  ['work-leads', '·', '·', 'region-and-cases', '·', '·', '·', '·'],
  ['take-complaints', '·', '·', '·', 'region', '·', '·', '·'],
  ['unmask', '·', '·', 'region-and-cases', 'region', '·', '·', '·'],
  ['search-people', '·', '·', 'region-and-cases', 'region', '·', '·', '·'],
  ['propose-erasure', '·', 'region', 'region', '·', '·', '·', '·'],
  ['decide-erasure', '·', '·', 'region', '·', '·', '·', '·'],
  ['decide-grants', '·', '·', 'above', '·', '·', 'region', '·'],
  ['manage-users', '·', '·', '·', '·', '·', 'region', '·'],
  ['manage-settings', '·', '·', '·', '·', '·', 'region', '·'],
  ['read-metrics', '·', '·', '·', '·', '·', 'process', 'process'],
  ['mirror-log', '·', '·', 'whole', '·', 'whole', '·', 'whole'],
];

const CELLS = TABLE.flatMap(([action, ...cells]) =>
  ROLES.map((role, column): [Role, Action, string] => [role, action, cells[column] ?? '']),
);

describe('who may do what', () => {
  it('has a row for every action and a column for every role', () => {
    expect(TABLE.map(([action]) => action)).toEqual(ACTIONS);
    expect(TABLE.every((row) => row.length === ROLES.length + 1)).toBe(true);
  });

  it.each(CELLS)('%s · %s: %s', (role, action, reach) => {
    expect(may({ roles: [role] }, action)).toBe(reach !== NO);
    expect(reachesOf({ roles: [role] }, action)).toEqual(reach === NO ? [] : [reach]);
  });

  it('an account has what any of its roles has, and nothing without a role', () => {
    const both = { roles: ['finance-maker', 'finance-checker'] } as const;
    expect(actionsOf(both)).toEqual([
      ...[
        'manage-own-account',
        'submit',
        'certify',
        'follow-submissions',
        'attach',
        'ask',
        'ask-whole-ledger',
        'propose-erasure',
      ],
    ]);
    expect(actionsOf({ roles: [] })).toEqual([]);
  });

  it('an administrator sees no business data', () => {
    const housekeeping: Action[] = [
      'manage-own-account',
      'decide-grants',
      'manage-users',
      'manage-settings',
      'read-metrics',
    ];
    expect(actionsOf({ roles: ['admin'] })).toEqual(housekeeping);
  });
});

describe('which roles go together in one account', () => {
  const rows: readonly [readonly Role[], RolesRefusal | null][] = [
    [[], 'no-role'],
    [['inspector', 'inspector'], 'role-repeated'],
    [['finance-maker', 'finance-checker'], null],
    [['inspector', 'hotline'], null],
    [['admin'], null],
    [['admin', 'inspector'], 'not-together'],
    [['admin', 'finance-maker'], 'not-together'],
    [['admin', 'system'], 'not-together'],
    [['auditor'], null],
    [['auditor', 'inspector'], 'not-together'],
    [['admin', 'auditor'], 'not-together'],
    [['system'], null],
    [['system', 'finance-maker'], null],
    [['system', 'inspector'], null],
    [['system', 'finance-checker'], 'system-acts-for-nobody'],
    [['system', 'hotline'], 'system-acts-for-nobody'],
  ];
  it.each(rows)('%j: %s', (roles, refusal) => expect(rolesRefusal(roles)).toBe(refusal));
});
