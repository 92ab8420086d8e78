import type { ReadScope } from './read-scope.js';
import { READER_ROLE, WORK_ROLE } from './roles.js';

/*
 * Conditions on rows, for policies. A setting stands in a sub-select, so that it is read once a statement and not once a
 * row; comparisons of texts are leakproof, so that the indexes a question asks by stay in use. A setting that was never
 * made is null, and one of an earlier transaction empty: neither lets anything through.
 */
const ofEachRow = (name: keyof ReadScope): string => `current_setting('fundflow.${name}', true)`;
const setting = (name: keyof ReadScope): string => `(SELECT ${ofEachRow(name)})`;

const within = (column: string, value: typeof setting): string =>
  `(${column} >= ${value('from')} AND ${column} < ${value('below')}
    AND (${value('among')} = '' OR ${column} ~ ${value('among')}))`;

/** The place in this column lies in the scope; null does not. */
export const isWithin = (column: string): string => within(column, setting);

/**
 * The same for a table of which questions read few rows in statements of many parts: a sub-select in each part takes longer to
 * plan than settings take to read for each row.
 */
export const isWithinPerRow = (column: string): string => within(column, ofEachRow);

/**
 * The same, never found by an index: for tables that every question asks by ids, places or dates of its own. The planner
 * knows nothing of a setting and takes any range of it for a narrow one: it would read all of a wide scope for a handful
 * of ids.
 */
export const isWithinAsked = (column: string): string => isWithin(`(${column} || '')`);

/** One of the places in a list lies in the scope, each with a comma before it. */
export const namesWithin = (column: string): string =>
  `(${ofEachRow('listed')} <> '' AND ${column} ~ ${ofEachRow('listed')})`;

/** The record of the log is about this. */
export const isAbout = (about: ReadScope['about']): string => `${setting('about')} = '${about}'`;

/** Handed in by whoever asks. */
export const isOwn = (column: string): string =>
  `(${column} = ${setting('person')} AND ${column} <> '')`;

/** The same, as `isWithinPerRow`. */
export const isAboutPerRow = (about: ReadScope['about']): string =>
  `${ofEachRow('about')} = '${about}'`;

/** The same, as `isWithinPerRow`. */
export const isOwnPerRow = (column: string): string =>
  `(${column} = ${ofEachRow('person')} AND ${column} <> '')`;

/** For what no region divides. */
export const IS_EVERYTHING = `(${setting('from')} = '' AND ${setting('below')} = ':'
  AND ${setting('among')} = '')`;

/**
 * No scope was set in this transaction: the program's own work, which acts for nobody. One that was set and lets nothing
 * through has a beginning.
 */
const ACTS_FOR_NOBODY = `(coalesce(${ofEachRow('from')}, '') = ''
  AND coalesce(${ofEachRow('below')}, '') = '')`;

export interface HeldWork {
  /** With its schema. */
  readonly table: string;
  /** Which rows work within a scope sees, changes and leaves. */
  readonly rows: string;
  /** What must be true besides of a row that is left. */
  readonly left?: string;
  /** Whoever acts may read all of it. */
  readonly isRead?: boolean;
}

/**
 * Holds work that acts for somebody, in a transaction with a scope, to the rows of that scope: it neither sees nor writes
 * others. Comes after `protecting`, which lets work do everything.
 */
export const holdingWork = ({ table, rows, left, isRead = false }: HeldWork): string[] => {
  const held = `${ACTS_FOR_NOBODY} OR (${rows})`;
  const check = `${ACTS_FOR_NOBODY} OR (${rows}${left === undefined ? '' : ` AND ${left}`})`;
  const policies = isRead
    ? [
        ['INSERT', `WITH CHECK (${check})`],
        ['UPDATE', `USING (${held}) WITH CHECK (${check})`],
        ['DELETE', `USING (${held})`],
      ]
    : [['ALL', `USING (${held}) WITH CHECK (${check})`]];
  return ['ALL', 'INSERT', 'UPDATE', 'DELETE'].flatMap((command) => {
    const name = `acting_${command.toLowerCase()}`;
    const policy = policies.find(([of]) => of === command);
    return [
      `DROP POLICY IF EXISTS ${name} ON ${table}`,
      ...(policy
        ? [
            `CREATE POLICY ${name} ON ${table} AS RESTRICTIVE FOR ${command} TO ${WORK_ROLE} ${policy[1]}`,
          ]
        : []),
    ];
  });
};

/** A table, and which of its rows an answer may be made from; null: none of it directly. */
export interface ProtectedTable {
  /** With its schema. */
  readonly table: string;
  readonly visible: string | null;
  /** Of these rows, the columns an answer may be made from; all of them where it is left out. */
  readonly columns?: readonly string[];
}

/**
 * Row-level security of a table, also for whoever owns it: answers see what the condition says, the program's own work
 * sees and changes all of it.
 */
export const protecting = ({ table, visible, columns }: ProtectedTable): string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `DROP POLICY IF EXISTS work ON ${table}`,
  `CREATE POLICY work ON ${table} TO ${WORK_ROLE}, CURRENT_USER USING (true) WITH CHECK (true)`,
  `DROP POLICY IF EXISTS answers ON ${table}`,
  `REVOKE ALL ON ${table} FROM ${READER_ROLE}`,
  ...(visible === null
    ? []
    : [
        `CREATE POLICY answers ON ${table} FOR SELECT TO ${READER_ROLE} USING (${visible})`,
        `GRANT SELECT ${columns ? `(${columns.join(', ')})` : ''} ON ${table} TO ${READER_ROLE}`,
      ]),
];
