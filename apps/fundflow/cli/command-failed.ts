import { saidOf } from '@fundflow/runtime/said-of';

/**
 * A command could not do what it says. The message is for the person at the terminal (zh-CN); the code is stable: that of
 * the API's problem, or one of the command line's own (docs/operations.md lists them).
 */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What is said at the end of a command that could not do what it says, with the stable code. */
export const saidOfCommand = (error: unknown): string =>
  error instanceof CommandFailed ? `${error.message}（${error.code}）` : saidOf(error);
