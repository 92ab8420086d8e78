/** What one submission may hold. Every limit of reading has its name here. */

/** Rows of all kinds together, blank ones not counted. */
export const ROWS_MAX = 2_000_000;

/** Blank rows one behind the other: a whole sheet of a workbook, formatted to its end, has no more. */
export const BLANK_ROWS_MAX = 1_048_576;

/** A file as handed in. */
export const FILE_BYTES_MAX = 1024 ** 3;

/**
 * Rows handed out at a time: so few that a batch is done with before the collector of young objects comes twice.
 */
export const BATCH_ROWS = 250;

export const COLUMNS_MAX = 200;

/** The text of one cell that belongs to no column of ours (`flex_*`). */
export const FLEX_LENGTH_MAX = 1_000;

/** One row of a CSV file, in bytes of UTF-8: a torn quote swallows no more than this. */
export const ROW_BYTES_MAX = 256 * 1024;

/** Bytes read from a file at a time; the rows in them are held at once. */
export const CHUNK_BYTES = 64 * 1024;

/** All unpacked parts of a workbook together. */
export const UNPACKED_BYTES_MAX = 4 * 1024 ** 3;

/**
 * Deflate reaches 1,032; tables of money stay below 60. Looked at from 10 MB on, where it begins to
 * matter.
 */
export const UNPACKED_RATIO_MAX = 250;
export const UNPACKED_RATIO_FROM_BYTES = 10 * 1024 ** 2;

/** Parts of a workbook that are held in memory: its list of sheets, its styles, its relations. */
export const SMALL_PART_BYTES_MAX = 32 * 1024 ** 2;

/** Texts that cells of a workbook share, in bytes of UTF-8. */
export const SHARED_BYTES_MAX = 128 * 1024 ** 2;

/** One cell, tag or attribute of a workbook. */
export const XML_TOKEN_MAX = 1024 ** 2;

export const ZIP_ENTRIES_MAX = 10_000;
export const MERGED_AREAS_MAX = 20_000;
