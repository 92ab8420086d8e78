import { PART_ROWS_MAX } from '@fundflow/domain/submission/submission';

/** What is known of a block of staged rows without reading it. */
export interface KnownBlock {
  readonly block: number;
  readonly rows: number;
  /** Projects its payments lean on as open ones; null: a row in it has to be decided when it is posted. */
  readonly openProjects: readonly string[] | null;
  /** Rows with a person who was sealed; null: nobody counted them. */
  readonly people: number | null;
}

/** Rows that are posted together: where they lie. */
export interface StagedPart {
  /** From 1. */
  readonly number: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  /** Rows of the first block that belong to the part before. */
  readonly skip: number;
  /** Number of the last row of the last block that belongs to it, from 1. */
  readonly lastRow: number;
  readonly rows: number;
  readonly openProjects: readonly string[] | null;
  /** Whether one of its blocks pays a person, as far as is known. */
  readonly paysPeople: boolean;
}

/** The parts of a submission, at most `rowsMax` rows each, in order. @param blocks in order */
export function partsOfBlocks(
  blocks: readonly KnownBlock[],
  rowsMax = PART_ROWS_MAX,
): StagedPart[] {
  const parts: StagedPart[] = [];
  for (const { block, rows, openProjects, people } of blocks) {
    for (let used = 0; used < rows;) {
      let part = parts.at(-1);
      if (!part || part.rows === rowsMax) {
        const number = parts.length + 1;
        part = {
          number,
          firstBlock: block,
          lastBlock: block,
          skip: used,
          lastRow: used,
          rows: 0,
          openProjects: [],
          paysPeople: false,
        };
        parts.push(part);
      }
      const taken = Math.min(rows - used, rowsMax - part.rows);
      used += taken;
      parts[parts.length - 1] = {
        ...part,
        ...{ lastBlock: block, lastRow: used, rows: part.rows + taken },
        openProjects: together(part.openProjects, openProjects),
        paysPeople: part.paysPeople || people !== 0,
      };
    }
  }
  return parts;
}

const together = (
  some: readonly string[] | null,
  more: readonly string[] | null,
): readonly string[] | null => some && more && [...new Set([...some, ...more])];
