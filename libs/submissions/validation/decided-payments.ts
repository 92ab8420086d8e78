import type { Day } from '@fundflow/domain/calendar';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import { besideRow } from '@fundflow/domain/holding/decide-payment';
import type { Holding } from '@fundflow/domain/holding/holding';
import type { PaymentDraw } from '@fundflow/domain/rows';
import type { OpenBooks } from '@fundflow/command-handling/open-books';
import { contentHeadOf } from '../hand-in/plain-payments.js';
import { type DecidedPayment, type DecidedOn, PAYMENT_RULES } from '../staged.js';
import type { HoldingBytes, PlainDecision } from '../staging/staged-block.js';
import { holdingPiece } from '../staged-record.js';

/** What all payments out of one holding share. */
interface Shared {
  readonly decidedOn: DecidedOn;
  /** Of the row: another one changes the content. */
  readonly projectId: string | null;
  readonly holding: HoldingBytes;
}

/**
 * What the decision of an accepted payment is staged as, by the books it was decided on. A file draws on few holdings
 * again and again, so what their payments share is made once.
 */
export class DecidedPayments {
  readonly #shared = new Map<string, Shared>();

  constructor(private readonly open: OpenBooks) {}

  /** Of a payment whose event was counted in the version of its stream. */
  of(source: Holding, occurredOn: Day, eventId: string): DecidedPayment {
    const decidedOn = this.#decidedOn(source);
    const version = this.open.versionOf(decidedOn.streamId);
    return { ...decidedOn, version, occurredOn, eventId };
  }

  /** The same as bytes, of an accepted payment that was not counted: counts it. */
  count(source: Holding, draw: PaymentDraw): PlainDecision {
    const { decidedOn, holding } = this.#sharedOf(source, draw);
    const { streamId, openProjectId } = decidedOn;
    const version = this.open.versionOf(streamId) + 1;
    this.open.versions.set(streamId, version);
    return { holding, version, openProjectId };
  }

  #sharedOf(source: Holding, draw: PaymentDraw): Shared {
    const known = this.#shared.get(source.id);
    const isSame =
      known?.projectId === draw.projectId &&
      known.decidedOn.openProjectId === this.#openProjectOf(source);
    if (isSame) return known;
    const decidedOn = this.#decidedOn(source);
    const { projectId } = draw;
    const holding = {
      dataHead: Buffer.from(contentHeadOf(besideRow(draw, source))),
      holding: Buffer.from(holdingPiece(decidedOn)),
      streamId: Buffer.from(decidedOn.streamId),
      region: Buffer.from(decidedOn.region),
    };
    const shared = { decidedOn, projectId, holding };
    this.#shared.set(source.id, shared);
    return shared;
  }

  #decidedOn(source: Holding): DecidedOn {
    return {
      ...{ rules: PAYMENT_RULES, schema: SCHEMA_VERSIONS.PaymentMade },
      ...{ streamId: source.streamId, region: source.region },
      openProjectId: this.#openProjectOf(source),
    };
  }

  /** Of the holding, not of the row: what a closed project closes. */
  #openProjectOf({ projectId }: Holding): string | null {
    return this.open.books.projectClosedOn(projectId) === null ? projectId : null;
  }
}
