import type { ReadScope } from './read-scope.js';

/** Of codes, patterns of codes and ids. */
const PLAIN = /^[-,:^$|()?!+0-9a-z]*$/;

/**
 * The statement that sets a scope until the end of the transaction it is sent in.
 *
 * @throws Error for what could end a text of SQL
 */
export const settingsOf = (scope: ReadScope): string =>
  `SELECT ${Object.entries(scope)
    .map(([name, value]: [string, string]) => {
      if (!PLAIN.test(value)) throw new Error(`fundflow.${name} is no plain text`);
      return `set_config('fundflow.${name}', '${value}', true)`;
    })
    .join(', ')}`;

/** What PostgreSQL says of a row that a policy does not let be written (`insufficient_privilege`). */
export const SCOPE_REFUSED = '42501';
