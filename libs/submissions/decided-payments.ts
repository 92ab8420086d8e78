import type { Day } from '@fundflow/domain/calendar';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import { besideRow } from '@fundflow/domain/holding/decide-payment';
import { type Holding, streamOf } from '@fundflow/domain/holding/holding';
import type { PaymentDraw } from '@fundflow/domain/rows';
import type { OpenBooks } from '@fundflow/command-handling/open-books';
import { contentHeadOf } from './plain-payments.js';
import { type DecidedPayment, type DecidedOn, PAYMENT_RULES } from './staged.js';
import { cellsOn } from './staged-text.js';

/** What all payments out of one holding share, and how the cells of one are written. */
interface Shared {
  readonly decidedOn: DecidedOn;
  readonly cells: ReturnType<typeof cellsOn>;
  /** Of the row: another one changes the content. */
  readonly projectId: string | null;
  readonly contentHead: string;
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

  /**
   * The same as text, of an accepted payment that was not counted: counts it.
   *
   * @returns `text`: the payee's region, the cells that the decision adds to a staged line, and what its content begins
   * with
   */
  count(
    source: Holding,
    draw: PaymentDraw,
    eventId: string,
    paysPerson: boolean,
  ): { readonly text: string; readonly openProjectId: string | null } {
    const { decidedOn, cells, contentHead } = this.#sharedOf(source, draw);
    const { streamId, region, openProjectId } = decidedOn;
    const version = this.open.versionOf(streamId) + 1;
    this.open.versions.set(streamId, version);
    const payeeRegion = paysPerson ? region : '';
    const text = payeeRegion + cells(version, draw.paidOn, eventId) + contentHead;
    return { text, openProjectId };
  }

  #sharedOf(source: Holding, draw: PaymentDraw): Shared {
    const known = this.#shared.get(source.id);
    const isSame =
      known?.projectId === draw.projectId &&
      known.decidedOn.openProjectId === this.#openProjectOf(source);
    if (isSame) return known;
    const decidedOn = this.#decidedOn(source);
    const contentHead = contentHeadOf(besideRow(draw, source));
    const { projectId } = draw;
    const shared = { decidedOn, cells: cellsOn(decidedOn), projectId, contentHead };
    this.#shared.set(source.id, shared);
    return shared;
  }

  #decidedOn(source: Holding): DecidedOn {
    return {
      ...{ rules: PAYMENT_RULES, schema: SCHEMA_VERSIONS.PaymentMade },
      ...{ streamId: streamOf(source.id), region: source.region },
      openProjectId: this.#openProjectOf(source),
    };
  }

  /** Of the holding, not of the row: what a closed project closes. */
  #openProjectOf({ projectId }: Holding): string | null {
    return this.open.books.projectClosedOn(projectId) === null ? projectId : null;
  }
}
