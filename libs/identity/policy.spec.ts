import {
  type Action,
  ACTIONS,
  actionsOf,
  may,
  type Role,
  ROLES,
  rolesRefusal,
  type RolesRefusal,
} from './policy.js';

const YES = '●';

// One row an action, one column a role in the order of ROLES.
const TABLE: readonly (readonly [Action, ...string[]])[] = [
  //                    maker checker inspector hotline admin system
  ['manage-own-account', '●', '●', '●', '●', '●', '●'],
  ['submit', '●', '·', '·', '·', '·', '·'],
  ['certify', '·', '●', '·', '·', '·', '·'],
  ['follow-submissions', '●', '●', '·', '·', '·', '·'],
  ['ask', '●', '●', '●', '●', '·', '·'],
  ['work-leads', '·', '·', '●', '·', '·', '·'],
  ['take-complaints', '·', '·', '·', '●', '·', '·'],
  ['unmask', '·', '·', '●', '●', '·', '·'],
  ['manage-users', '·', '·', '·', '·', '●', '·'],
  ['manage-settings', '·', '·', '·', '·', '●', '·'],
  ['read-metrics', '·', '·', '·', '·', '●', '●'],
];

const CELLS = TABLE.flatMap(([action, ...cells]) =>
  ROLES.map((role, column): [Role, Action, boolean] => [role, action, cells[column] === YES]),
);

describe('who may do what', () => {
  it('has a row for every action and a column for every role', () => {
    expect(TABLE.map(([action]) => action)).toEqual(ACTIONS);
    expect(TABLE.every((row) => row.length === ROLES.length + 1)).toBe(true);
  });

  it.each(CELLS)('%s · %s: %s', (role, action, allowed) => {
    expect(may({ roles: [role] }, action)).toBe(allowed);
  });

  it('an account has what any of its roles has, and nothing without a role', () => {
    const both = { roles: ['finance-maker', 'finance-checker'] } as const;
    expect(actionsOf(both)).toEqual([
      ...['manage-own-account', 'submit', 'certify', 'follow-submissions', 'ask'],
    ]);
    expect(actionsOf({ roles: [] })).toEqual([]);
  });

  it('an administrator sees no business data', () => {
    const housekeeping: Action[] = [
      'manage-own-account',
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
    [['admin', 'inspector'], 'admin-alone'],
    [['admin', 'finance-maker'], 'admin-alone'],
    [['admin', 'system'], 'admin-alone'],
    [['system'], null],
    [['system', 'finance-maker'], null],
    [['system', 'inspector'], null],
    [['system', 'finance-checker'], 'system-acts-for-nobody'],
    [['system', 'hotline'], 'system-acts-for-nobody'],
  ];
  it.each(rows)('%j: %s', (roles, refusal) => expect(rolesRefusal(roles)).toBe(refusal));
});
