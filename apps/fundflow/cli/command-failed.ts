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
