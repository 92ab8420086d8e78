import { Injectable } from '@nestjs/common';
import { normalisedLogin } from '../accounts/account-values.js';
import { LoginThrottle } from '../sign-in/login-throttle.js';
import { badCredentials, tooManyAttempts } from '../refusals.js';
import { type User, UserDirectory } from '../accounts/user-directory.js';
import { IdentitySettings } from './identity-settings.js';

export interface Known {
  readonly user: User;
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
    const user = await this.judged(name, address, this.users.verify(name, password));
    if (user === null) {
      await this.users.recordRefusal(name, address);
      throw badCredentials();
    }
    const succeeded = (): void => this.throttle.succeeded(name, address, begunMs);
    return { user, succeeded };
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
