/**
 * The envelope of every record. Its RFC 8785 canonical JSON is what the store keeps and the proof
 * hashes; settled for ever by the golden files in test/golden. No personal data stands in it: only
 * commitments.
 */
export interface Envelope {
  readonly eventId: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  /** Version of the shape of `data`; an upcaster (domain event-codec) lifts older shapes. */
  readonly schema: number;
  /** Business date YYYY-MM-DD in Asia/Shanghai; null for facts without one. */
  readonly occurredOn: string | null;
  /** RFC 3339 UTC with milliseconds. */
  readonly recordedAt: string;
  /** Pseudonymous id of the person or system that certified. */
  readonly actor: string;
  /** The actor's unit. */
  readonly unit: string;
  /** Region of the holding, project or subject the record is about, unpadded code. */
  readonly region: string;
  /** What led to it: `submission:<id>`. */
  readonly cause: string;
  /** Natural idempotency key of the command, e.g. `record:A-1`; see `eventIdOf`. */
  readonly key: string;
  readonly index: number;
  readonly data: Readonly<Record<string, unknown>>;
}
