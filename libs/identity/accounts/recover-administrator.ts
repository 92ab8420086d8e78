import type { ClientBase } from 'pg';
import { recordAccess } from '../access-records.js';
import { FULL_COST, hashPassword, type ScryptCost } from '../sign-in/password.js';

const FOUND = `
  SELECT id FROM identity_users
  WHERE login = $1 AND 'admin' = ANY (roles) AND NOT disabled FOR UPDATE`;

/** What the record says of whose deed it was: nobody's who has an account. */
const ON_THE_MACHINE = 'on-the-machine';

/**
 * Lets an administrator in again who has lost the password or the second factor, where no other one could decide about it: the
 * deed of whoever runs the machine of the database, who reaches the accounts anyway. It stands in the records of access, and
 * with them in the log, under nobody's name.
 *
 * The password has to be changed at the next sign-in; second factor and sessions end.
 *
 * @param owner a connection of the owner of the tables
 * @returns false when no administrator who may sign in has this login; nothing was changed then
 */
export async function recoverAdministrator(
  owner: ClientBase,
  login: string,
  password: string,
  { now, cost = FULL_COST }: { readonly now: () => Date; readonly cost?: ScryptCost },
): Promise<boolean> {
  const passwordHash = await hashPassword(password, cost);
  await owner.query('BEGIN');
  try {
    const { rows } = await owner.query<{ id: string }>(FOUND, [login]);
    const [found] = rows;
    if (found !== undefined) await letIn(owner, found.id, passwordHash, now());
    await owner.query('COMMIT');
    return found !== undefined;
  } catch (error) {
    await owner.query('ROLLBACK');
    throw error;
  }
}

async function letIn(owner: ClientBase, id: string, passwordHash: string, at: Date): Promise<void> {
  await owner.query(
    'UPDATE identity_users SET password_hash = $2, must_change_password = true WHERE id = $1',
    [id, passwordHash],
  );
  await owner.query('DELETE FROM identity_sessions WHERE user_id = $1', [id]);
  await owner.query('DELETE FROM identity_recovery_codes WHERE user_id = $1', [id]);
  const { rowCount } = await owner.query('DELETE FROM identity_totp WHERE user_id = $1', [id]);
  const record = { at, actorId: null, subjectId: id, detail: ON_THE_MACHINE } as const;
  await recordAccess(owner, { ...record, action: 'password-set' });
  if (rowCount !== 0) await recordAccess(owner, { ...record, action: 'second-factor-removed' });
}
