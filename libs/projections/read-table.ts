import type { EntitySchema } from 'typeorm';

/** The schema all read tables lie in; a rebuild fills a second one beside it and swaps the names. */
export const READ_SCHEMA = 'read_side';

/** Before `_lines`, `_movements`, …: views of rows wherever they lie, for following money across borders (lineage.ts). */
export const LINEAGE = `${READ_SCHEMA}.lineage`;

/**
 * A table of the read model. Statements name it without a schema: the search path says which copy, so that the live
 * tables and the shadow of a rebuild are made and filled by the same text.
 */
export interface ReadTable {
  readonly name: string;
  /** `CREATE TABLE`, with the keys that folding itself needs. */
  readonly create: string;
  /** Made at once in an empty read model, after the bulk of a rebuild. */
  readonly indexes: readonly string[];
  /**
   * A query whose rows are what the table says, whatever the pages were it was folded in: the checksum hashes these.
   * Additive tables are summed by key here.
   */
  readonly content: string;
  readonly entity: EntitySchema;
}

/** bigint fen, as `pg` gives and takes them: decimal text. */
export const fenColumn = { type: 'bigint' } as const;
/** Milliseconds: the precision of `recordedAt`. */
export const momentColumn = { type: 'timestamptz', precision: 3 } as const;
