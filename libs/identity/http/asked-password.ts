import { Injectable } from '@nestjs/common';
import { normalisedLogin } from '../accounts/account-values.js';
import { LoginThrottle } from '../sign-in/login-throttle.js';
import { badCredentials, tooManyAttempts } from '../refusals.js';
import type { Verified } from '../accounts/user.js';
import { UserDirectory } from '../accounts/user-directory.js';
import { IdentitySettings } from './identity-settings.js';

export interface Known extends Verified {
  /** Nothing else was wrong either: the attempt is no failure. */
  readonly succeeded: () => void;
}

/**
 * The password of an account, at sign-in and again before anything changes by which its owner is recognised: whoever
 * finds an open session does not know it. Every asking is throttled alike.
 */
@Injectable()
export class AskedPassword {
  constructor(
    private readonly users: UserDirectory,
    private readonly throttle: LoginThrottle,
    private readonly settings: IdentitySettings,
  ) {}

  /**
   * Counts as a failure until `succeeded` is called, since a second factor may still be asked for.
   *
   * @throws Problem, first match wins: 429 `too-many-attempts`, 503 `busy`, 401 `bad-credentials`
   */
  async of(login: string, password: string, address: string): Promise<Known> {
    const name = normalisedLogin(login);
    const begunMs = this.settings.now().getTime();
    const waitSeconds = this.throttle.begin(name, address, begunMs);
    if (waitSeconds > 0) throw tooManyAttempts(waitSeconds);
    const verified = await this.judged(name, address, this.users.verify(name, password));
    if (verified === null) return this.refused(name, address);
    const succeeded = (): void => this.throttle.succeeded(name, address, begunMs);
    return { ...verified, succeeded };
  }

  /** A password that is wrong, or was changed since it was looked at. */
  async refused(login: string, address: string): Promise<never> {
    await this.users.recordRefusal(login, address);
    throw badCredentials();
  }

  /** An attempt that failed for reasons of ours is none of the caller's failures. */
  async judged<T>(name: string, address: string, verdict: Promise<T>): Promise<T> {
    try {
      return await verdict;
    } catch (error) {
      this.throttle.unjudged(name, address);
      throw error;
    }
  }
}
