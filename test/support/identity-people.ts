import { Controller, Get } from '@nestjs/common';
import { createDemoUsers } from '@fundflow/identity/accounts/demo-users';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import type { Role } from '@fundflow/identity/policy';
import type { Scope } from '@fundflow/identity/scope';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import type { IdentityLedger, LedgerAnswer } from './identity-ledger.js';

/** What the specs of identity ask about: something that roles with `ask` may read, as far as they may. */
@Controller('books')
export class BooksController {
  @Get()
  @May('ask')
  read(@Within() scope: Scope): { regions: readonly string[] } {
    return { regions: scope.regions };
  }
}

/** Of every account of `somebody`. */
export const PASSWORD_OF_ALL = 'a long word for all 1';
/** Of the demo users. */
export const DEMO_PASSWORD = 'demonstration';

export const brief = ({ status, code }: LedgerAnswer) => ({ status, code });

export const withDemoUsers = (ledger: IdentityLedger) =>
  createDemoUsers(ledger.app.get(UserDirectory), { password: DEMO_PASSWORD });

export interface Somebody {
  readonly id: string;
  readonly login: string;
}

const made = new WeakMap<IdentityLedger, number>();

/** An account that is there already, by a login of its own unless one is given, with a password that counts. */
export async function somebody(
  ledger: IdentityLedger,
  role: Role,
  region: string,
  given?: string,
): Promise<Somebody> {
  const number = (made.get(ledger) ?? 0) + 1;
  made.set(ledger, number);
  const login = given ?? `${role}-${number}`;
  const { id } = await ledger.app.get(UserDirectory).create({
    ...{ login, roles: [role], region, unit: '某单位', password: PASSWORD_OF_ALL },
    ...{ origin: 'admin', mustChangePassword: false, by: null },
  });
  return { id, login };
}
