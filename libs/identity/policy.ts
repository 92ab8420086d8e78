export const ROLES = [
  'finance-maker',
  'finance-checker',
  'inspector',
  'hotline',
  'admin',
  'system',
] as const;
export type Role = (typeof ROLES)[number];

export const ACTIONS = [
  'manage-own-account',
  'submit',
  'certify',
  'follow-submissions',
  'ask',
  'work-leads',
  'take-complaints',
  'unmask',
  'manage-users',
  'manage-settings',
  'read-metrics',
] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * Who may do what, all of it. Administrators see no business data; `system` marks what is no person and grants little by
 * itself, so a feed is `system` and `finance-maker`. That maker and checker of one submission differ is decided where
 * submissions are (domain/submission): one person may well hold both roles.
 */
const ALLOWED: { readonly [A in Action]: readonly Role[] } = {
  'manage-own-account': ROLES,
  submit: ['finance-maker'],
  certify: ['finance-checker'],
  // What is not certified is no fact yet, so those who look into facts do not see it.
  'follow-submissions': ['finance-maker', 'finance-checker'],
  ask: ['finance-maker', 'finance-checker', 'inspector', 'hotline'],
  'work-leads': ['inspector'],
  'take-complaints': ['hotline'],
  unmask: ['inspector', 'hotline'],
  'manage-users': ['admin'],
  'manage-settings': ['admin'],
  'read-metrics': ['admin', 'system'],
};

/** Whether one of the roles grants the action; the jurisdiction is a question of its own. */
export function may(user: { readonly roles: readonly Role[] }, action: Action): boolean {
  return ALLOWED[action].some((role) => user.roles.includes(role));
}

/** What these roles may do, in the order of `ACTIONS`. */
export function actionsOf(user: { readonly roles: readonly Role[] }): Action[] {
  return ACTIONS.filter((action) => may(user, action));
}

export type RolesRefusal = 'no-role' | 'role-repeated' | 'admin-alone' | 'system-acts-for-nobody';

const FOR_SYSTEMS: readonly Role[] = ['system', 'finance-maker', 'inspector'];

/**
 * Why these roles do not go together in one account; null when they do. First match wins, in the order of the type.
 *
 * An administrator who could also hand in or look would see business data after all; and a machine neither certifies (a
 * second pair of eyes is a person's), nor answers the telephone, nor administers people.
 */
export function rolesRefusal(roles: readonly Role[]): RolesRefusal | null {
  if (roles.length === 0) return 'no-role';
  if (new Set(roles).size < roles.length) return 'role-repeated';
  if (roles.includes('admin') && roles.length > 1) return 'admin-alone';
  const isSystem = roles.includes('system');
  if (isSystem && !roles.every((role) => FOR_SYSTEMS.includes(role))) {
    return 'system-acts-for-nobody';
  }
  return null;
}
