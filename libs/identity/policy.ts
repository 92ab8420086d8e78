export const ROLES = [
  'finance-maker',
  'finance-checker',
  'inspector',
  'hotline',
  'auditor',
  'admin',
  'system',
] as const;
export type Role = (typeof ROLES)[number];

export const ACTIONS = [
  'manage-own-account',
  'submit',
  'certify',
  'follow-submissions',
  'attach',
  'ask',
  'ask-whole-ledger',
  'read-oversight',
  'work-leads',
  'take-complaints',
  'unmask',
  'search-people',
  'propose-erasure',
  'decide-erasure',
  'decide-grants',
  'manage-users',
  'manage-settings',
  'read-metrics',
  'mirror-log',
] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * How far a role's right to an action goes.
 *
 * - `self`: the own account.
 * - `region`: what lies in the own jurisdiction.
 * - `region-and-cases`: that, and the regions of case grants until they end.
 * - `above`: as `region`, and never about one's equals: only what strictly lower jurisdictions did.
 * - `whole`: not divisible by regions, so for jurisdictions that hold the ledger together: a province or the centre.
 * - `process`: about the process, about no place and no person.
 */
export type Reach = 'self' | 'region' | 'region-and-cases' | 'above' | 'whole' | 'process';

type Row = Readonly<Partial<Record<Role, Reach>>>;

const EVERYBODY = Object.fromEntries(ROLES.map((role) => [role, 'self'])) as Row;

/**
 * Who may do what, and how far: all of it. Routes name an action (`@May`); what is asked about is held against the reach
 * (`scopeOf`); states of the account (first password, missing second factor) come before both, in the guard.
 *
 * Administrators see no business data; `system` marks what is no person and grants little by itself, so a feed is
 * `system` and `finance-maker`. That maker and checkers of one submission differ is decided where submissions are
 * (domain/submission): one person may well hold both roles. Strangers have what `@Public` routes give: totals.
 */
export const POLICY: { readonly [A in Action]: Row } = {
  'manage-own-account': EVERYBODY,
  submit: { 'finance-maker': 'region' },
  certify: { 'finance-checker': 'region' },
  // What is not certified is no fact yet, so those who look into facts do not see it.
  'follow-submissions': { 'finance-maker': 'region', 'finance-checker': 'region' },
  // Papers beside a record: the office that posts, and those who look into it.
  attach: { 'finance-maker': 'region', inspector: 'region-and-cases', hotline: 'region' },
  ask: {
    ...{ 'finance-maker': 'region', 'finance-checker': 'region', hotline: 'region' },
    ...{ inspector: 'region-and-cases', auditor: 'region' },
  },
  'ask-whole-ledger': {
    ...{ 'finance-maker': 'whole', 'finance-checker': 'whole' },
    ...{ inspector: 'whole', auditor: 'whole' },
  },
  // The superior of those who looked, and auditors; never the unit that was looked at.
  'read-oversight': { inspector: 'above', auditor: 'region' },
  'work-leads': { inspector: 'region-and-cases' },
  'take-complaints': { hotline: 'region' },
  unmask: { inspector: 'region-and-cases', hotline: 'region' },
  'search-people': { inspector: 'region-and-cases', hotline: 'region' },
  // Two persons, whatever their roles; holding and restricting is for those who answer for the case.
  'propose-erasure': { 'finance-checker': 'region', inspector: 'region' },
  'decide-erasure': { inspector: 'region' },
  // Accounts by administrators, cases by the inspector above; never by whoever proposed (libs/identity/accounts/grants.ts).
  'decide-grants': { admin: 'region', inspector: 'above' },
  'manage-users': { admin: 'region' },
  'manage-settings': { admin: 'region' },
  'read-metrics': { admin: 'process', system: 'process' },
  // The records in full, for auditors and mirrors, and what witnesses hand in: amount, village and date together can
  // identify a household.
  'mirror-log': { inspector: 'whole', auditor: 'whole', system: 'whole' },
};

/** Precomputed, so that the guard of a request looks one thing up. */
const ROLES_OF: ReadonlyMap<Action, readonly Role[]> = new Map(
  ACTIONS.map((action) => [action, ROLES.filter((role) => POLICY[action][role] !== undefined)]),
);

/** Whether one of the roles grants the action at all; how far is a question of its own (`scopeOf`). */
export function may(user: { readonly roles: readonly Role[] }, action: Action): boolean {
  const allowed = ROLES_OF.get(action) ?? [];
  return user.roles.some((role) => allowed.includes(role));
}

/** How far each of the roles reaches for the action; empty when none has it. */
export function reachesOf(user: { readonly roles: readonly Role[] }, action: Action): Reach[] {
  return user.roles.flatMap((role) => POLICY[action][role] ?? []);
}

/** What these roles may do, in the order of `ACTIONS`. */
export function actionsOf(user: { readonly roles: readonly Role[] }): Action[] {
  return ACTIONS.filter((action) => may(user, action));
}

export type RolesRefusal = 'no-role' | 'role-repeated' | 'not-together' | 'system-acts-for-nobody';

const FOR_SYSTEMS: readonly Role[] = ['system', 'finance-maker', 'inspector'];
/** Their holders watch over the others, so they hold nothing else (三员分立: system, security, audit apart). */
const ALONE: readonly Role[] = ['admin', 'auditor'];

/**
 * Why these roles do not go together in one account; null when they do. First match wins, in the order of the type.
 *
 * An administrator who could also hand in or look would see business data after all, and an auditor would audit what he
 * did himself; and a machine neither certifies (a second pair of eyes is a person's), nor answers the telephone, nor
 * administers people.
 */
export function rolesRefusal(roles: readonly Role[]): RolesRefusal | null {
  if (roles.length === 0) return 'no-role';
  if (new Set(roles).size < roles.length) return 'role-repeated';
  if (roles.length > 1 && roles.some((role) => ALONE.includes(role))) return 'not-together';
  const isSystem = roles.includes('system');
  if (isSystem && !roles.every((role) => FOR_SYSTEMS.includes(role))) {
    return 'system-acts-for-nobody';
  }
  return null;
}
