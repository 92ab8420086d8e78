import type { MovementReversed } from '@fundflow/domain/holding/events';
import { type Movement, PLAIN } from './movement-shape.js';
import { outsideNode } from './table.js';

/** The movement of a reversal: the edge of what it reverses the other way, on its own date. */
export function reversalMovement({ data }: MovementReversed): Movement {
  const { row, ofKind, wasReceived, giverId, receiverId, holdingId, issuerRegion } = data;
  const shared = {
    ...PLAIN,
    recordId: row.id,
    holdingId,
    projectId: data.projectId,
    amountFen: data.amountFen,
    alsoNames: [issuerRegion, data.payeeRegion],
    documentNo: data.documentNo,
    voucherNo: data.voucherNo,
    reversalOf: row.ofId,
  };
  const sides = { giverRegion: data.giverRegion, holdingRegion: data.receiverRegion };
  const outside = (): string => outsideNode(issuerRegion as string);
  switch (ofKind) {
    case 'allocation':
    case 'supplement': {
      const kind = wasReceived ? 'acknowledged-issue-reversed' : 'issue-reversed';
      return { ...shared, ...sides, kind, upperId: giverId ?? outside(), lowerId: holdingId };
    }
    case 'disbursement':
      return {
        ...shared,
        ...sides,
        ...{ kind: 'disbursement-reversed', upperId: giverId, lowerId: holdingId },
      };
    case 'payment':
      return {
        ...shared,
        ...{ kind: 'payment-reversed', holdingRegion: data.giverRegion },
        ...{ upperId: holdingId, lowerId: row.ofId },
      };
    case 'bank-return':
      return {
        ...shared,
        ...{ kind: 'payment-return-reversed', holdingRegion: data.receiverRegion },
        ...{ upperId: holdingId, lowerId: data.returnOfId },
      };
    case 'cash-return':
      return {
        ...shared,
        ...sides,
        ...{ kind: 'cash-return-reversed', upperId: holdingId, lowerId: giverId },
      };
    case 'recall':
      // The line's giver is the one authority had gone back to, its holder the one that had sent it.
      return {
        ...shared,
        kind: wasReceived ? 'received-recall-reversed' : 'recall-reversed',
        giverRegion: data.receiverRegion,
        holdingRegion: data.giverRegion,
        upperId: receiverId ?? outside(),
        lowerId: giverId,
      };
  }
}
