import { Books } from '@fundflow/domain/books';

/** Books being worked on: what has been loaded so far, and at which version each stream stood. */
export class OpenBooks {
  readonly books = new Books();
  /** Ids looked up, whether found or not. */
  readonly asked = new Set<string>();
  /** Version of every stream that was folded or looked at; a stream that does not exist has 0. */
  readonly versions = new Map<string, number>();
  /** Ids whose own references are loaded too. */
  readonly deep = new Set<string>();
  /** Those of them whose own references were followed. */
  readonly through = new Set<string>();

  /** Drops payments but those to keep; they can be asked for again. */
  forgetPayments(keep: ReadonlySet<string> = new Set()): string[] {
    const forgotten = this.books.forgetPayments(keep);
    for (const id of forgotten) this.asked.delete(id);
    return forgotten;
  }

  versionOf(streamId: string): number {
    return this.versions.get(streamId) ?? 0;
  }
}
