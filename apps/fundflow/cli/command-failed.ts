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

/**
 * What is said of an error at the end of a command, with its stable code: that of a failed command, or the name of an
 * operating error (`VaultKeyMissing`: `vault-key-missing`). What nobody foresaw has none.
 */
export function saidOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  if (error instanceof CommandFailed) return `${message}（${error.code}）`;
  // Of the language's own errors and the database driver's (`error`) the name says nothing.
  if (name in globalThis || !/^[A-Z]/.test(name)) return message;
  return `${message}（${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}）`;
}
