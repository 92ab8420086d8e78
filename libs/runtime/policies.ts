/** What protects the rows, in the order it is done. */
export const POLICIES: readonly string[] = [];
