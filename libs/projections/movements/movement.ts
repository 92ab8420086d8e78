import type { RegionCode } from '@fundflow/domain/region';
import type { FoldedEvent } from '../projection.js';
import type { MovementKind } from './effect.js';
import { type Movement, PLAIN } from './movement-shape.js';
import { reversalMovement } from './reversal.js';
import { outsideNode } from './table.js';

/** Inside one holding's place: the giver and the holder of such a movement lie in the same region. */
const both = (region: RegionCode) => ({ giverRegion: region, holdingRegion: region });

/** The movement an event records; null for those that are no entry of a trail. */
export function movementOf(event: FoldedEvent): Movement | null {
  switch (event.type) {
    case 'AllocationIssued':
    case 'AllocationReceived':
    case 'SupplementIssued':
    case 'SupplementReceived':
      return authorityMovement(event);
    case 'CashDisbursed':
    case 'CashCredited':
    case 'PaymentMade':
    case 'PaymentReturned':
      return cashMovement(event);
    case 'CashReturned':
    case 'CashReturnReceived':
    case 'AuthorityRecalled':
    case 'RecallReceived':
      return returnMovement(event);
    case 'MovementReversed':
      return reversalMovement(event);
    case 'ProjectEnteredLibrary':
    case 'ProjectApproved':
    case 'ProjectAccepted':
    case 'ProjectClosed': {
      const { projectId, places } = event.data;
      return {
        ...PLAIN,
        kind: PROJECT_KINDS[event.type],
        recordId: projectId,
        projectId,
        alsoNames: places,
      };
    }
    case 'NoticePosted': {
      const { row, projectId, places } = event.data;
      return { ...PLAIN, kind: 'notice-posted', recordId: row.id, projectId, alsoNames: places };
    }
    case 'NoticeRemoved': {
      const { noticeId: recordId, projectId, places } = event.data;
      return { ...PLAIN, kind: 'notice-removed', recordId, projectId, alsoNames: places };
    }
    // The other side of a movement that has its entry already, or nothing that happened to money or a place.
    case 'SupplementDrawn':
    case 'DrawRestored':
    case 'ProjectRegistered':
    case 'SubmissionCertified':
    case 'SubmissionPartPosted':
    case 'AttachmentAdded':
    case 'RuleLimitSet':
      return null;
  }
}

const PROJECT_KINDS = {
  ProjectEnteredLibrary: 'project-entered-library',
  ProjectApproved: 'project-approved',
  ProjectAccepted: 'project-accepted',
  ProjectClosed: 'project-closed',
} as const satisfies Readonly<Record<string, MovementKind>>;

type Authority = Extract<
  FoldedEvent,
  {
    type: 'AllocationIssued' | 'AllocationReceived' | 'SupplementIssued' | 'SupplementReceived';
  }
>;

function authorityMovement(event: Authority): Movement {
  const { giverRegion, projectId } = event.data;
  const shared = { ...PLAIN, giverRegion, projectId };
  switch (event.type) {
    case 'AllocationIssued': {
      const { row } = event.data;
      return {
        ...shared,
        kind: 'allocation-issued',
        recordId: row.id,
        holdingId: row.id,
        amountFen: row.amountFen,
        holdingRegion: row.receiverRegion,
        alsoNames: [row.issuerRegion],
        upperId: row.parentId ?? outsideNode(row.issuerRegion),
        lowerId: row.id,
        documentNo: row.documentNo,
        counterparty: row.receiverName,
      };
    }
    case 'SupplementIssued': {
      const { row, holdingRegion } = event.data;
      return {
        ...shared,
        kind: 'supplement-issued',
        recordId: row.id,
        holdingId: row.allocationId,
        amountFen: row.amountFen,
        holdingRegion,
        alsoNames: [row.issuerRegion],
        upperId: row.parentId ?? outsideNode(row.issuerRegion),
        lowerId: row.allocationId,
        documentNo: row.documentNo,
      };
    }
    case 'AllocationReceived':
    case 'SupplementReceived': {
      const { allocationId, amountFen, holdingRegion, issuerRegion, documentNo } = event.data;
      const supplement = event.type === 'SupplementReceived';
      return {
        ...shared,
        kind: supplement ? 'supplement-received' : 'allocation-received',
        recordId: supplement ? event.data.supplementId : allocationId,
        holdingId: allocationId,
        amountFen,
        holdingRegion,
        alsoNames: [issuerRegion],
        documentNo,
      };
    }
  }
}

type Cash = Extract<
  FoldedEvent,
  { type: 'CashDisbursed' | 'CashCredited' | 'PaymentMade' | 'PaymentReturned' }
>;

function cashMovement(event: Cash): Movement {
  const { holdingRegion, projectId } = event.data;
  const shared = { ...PLAIN, projectId };
  switch (event.type) {
    case 'CashDisbursed': {
      const { id, allocationId, amountFen, voucherNo, recipientName } = event.data.row;
      return {
        ...shared,
        ...both(holdingRegion),
        ...{ kind: 'cash-disbursed', recordId: id, holdingId: id, amountFen, voucherNo },
        ...{ upperId: allocationId, lowerId: id, counterparty: recipientName },
      };
    }
    case 'CashCredited': {
      const { disbursementId: id, amountFen, voucherNo, recipientName } = event.data;
      return {
        ...shared,
        ...both(holdingRegion),
        ...{ kind: 'cash-credited', recordId: id, holdingId: id, amountFen, voucherNo },
        counterparty: recipientName,
      };
    }
    case 'PaymentMade': {
      const { row } = event.data;
      // Written out: nine records in ten are payments, and spreading costs more than the rest of their fold.
      return {
        kind: 'payment-made',
        recordId: row.id,
        holdingId: row.sourceId,
        projectId,
        amountFen: row.amountFen,
        giverRegion: null,
        holdingRegion,
        alsoNames: [row.payeeRegion],
        upperId: row.sourceId,
        lowerId: row.id,
        documentNo: null,
        voucherNo: row.voucherNo,
        counterparty: row.payee.kind === 'unit' ? row.payee.name : null,
        personal: row.payee.kind === 'person',
        reversalOf: null,
      };
    }
    case 'PaymentReturned': {
      const { row, holdingId, voucherNo, payeeRegion } = event.data;
      return {
        ...shared,
        ...{ kind: 'payment-returned', recordId: row.id, holdingId, amountFen: row.amountFen },
        alsoNames: [payeeRegion],
        ...{ holdingRegion, voucherNo, upperId: holdingId, lowerId: row.ofId },
      };
    }
  }
}

type Return = Extract<
  FoldedEvent,
  { type: 'CashReturned' | 'CashReturnReceived' | 'AuthorityRecalled' | 'RecallReceived' }
>;

function returnMovement(event: Return): Movement {
  const { holdingRegion, projectId } = event.data;
  switch (event.type) {
    case 'CashReturned': {
      const { row, allocationId, voucherNo } = event.data;
      return {
        ...PLAIN,
        ...both(holdingRegion),
        ...{ kind: 'cash-returned', recordId: row.id, holdingId: allocationId, projectId },
        ...{ amountFen: row.amountFen, voucherNo, upperId: allocationId, lowerId: row.ofId },
      };
    }
    case 'CashReturnReceived': {
      const { returnId, allocationId: holdingId, amountFen, voucherNo } = event.data;
      return {
        ...PLAIN,
        ...both(holdingRegion),
        ...{ kind: 'cash-return-received', recordId: returnId, holdingId, projectId },
        ...{ amountFen, voucherNo },
      };
    }
    case 'AuthorityRecalled': {
      const { row, holdingId, parentId, parentRegion, issuerRegion, documentNo } = event.data;
      return {
        ...PLAIN,
        ...{ kind: 'authority-recalled', recordId: row.id, holdingId: parentId ?? holdingId },
        ...{ projectId, amountFen: row.amountFen, documentNo },
        ...{ giverRegion: parentRegion, holdingRegion, alsoNames: [issuerRegion] },
        ...{ upperId: parentId ?? outsideNode(issuerRegion), lowerId: holdingId },
      };
    }
    case 'RecallReceived': {
      const { returnId, holdingId, parentId, parentRegion, amountFen, documentNo } = event.data;
      return {
        ...PLAIN,
        ...{ kind: 'recall-received', recordId: returnId, holdingId: parentId ?? holdingId },
        ...{ projectId, amountFen, documentNo, giverRegion: parentRegion, holdingRegion },
      };
    }
  }
}
