import {
  type HeldWork,
  holdingWork,
  isAboutPerRow,
  isOwnPerRow,
  isWithinPerRow,
  protecting,
} from '@fundflow/row-security/policy-terms';

const ofAccount = (column: string): string =>
  `EXISTS (SELECT FROM public.identity_users u WHERE u.id = ${column})`;

/** Administrators: what concerns accounts of theirs, or is to become one. Inspectors: cases of accounts strictly below. */
const GRANTS = `(${isOwnPerRow('proposed_by::text')}
  OR ${isAboutPerRow('accounts')}
    AND CASE WHEN account_id IS NULL THEN ${isWithinPerRow('region')} ELSE ${ofAccount('account_id')} END
  OR ${isAboutPerRow('cases')} AND kind = 'case' AND ${isWithinPerRow('region')} AND ${ofAccount(
    `account_id AND u.region <> CASE current_setting('fundflow.from', true)
       WHEN '' THEN '000000' ELSE current_setting('fundflow.from', true) END`,
  )})`;

/**
 * Whoever acts stands in what he leaves behind. Administrators move accounts within their jurisdiction and decide no case but
 * to withdraw what they proposed.
 */
const LEFT_BY_ONESELF = `CASE kind WHEN 'case' THEN ${isAboutPerRow('cases')} OR ${isOwnPerRow('proposed_by::text')}
    ELSE ${isWithinPerRow('region')} END
  AND (${isOwnPerRow('proposed_by::text')} OR ${isOwnPerRow('decided_by::text')})`;

const HELD: readonly HeldWork[] = [
  { table: 'public.identity_users', rows: isWithinPerRow('region') },
  ...['sessions', 'bearer_tokens', 'totp', 'recovery_codes', 'external_identities'].map((name) => ({
    table: `public.identity_${name}`,
    rows: ofAccount('user_id'),
  })),
  { table: 'public.identity_access_records', rows: ofAccount('subject_id') },
  { table: 'public.identity_grants', rows: GRANTS, left: LEFT_BY_ONESELF },
  // Who has to show a second factor is no secret to those below; a sign-in at a provider belongs to nobody yet.
  { table: 'public.identity_factor_demands', rows: isWithinPerRow('region'), isRead: true },
  { table: 'public.identity_oidc_sign_ins', rows: 'false' },
];

/**
 * The tables of accounts: answers see nothing of them; work that acts for an administrator, or an inspector who decides
 * cases, is held to the accounts of his jurisdiction.
 */
export const ACCOUNT_POLICIES: readonly string[] = HELD.flatMap((held) => [
  ...protecting({ table: held.table, visible: null }),
  ...holdingWork(held),
]);
