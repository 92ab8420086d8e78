import { ApiProperty } from '@nestjs/swagger';
import { PERSONAL_FIELDS } from '@fundflow/vault/commitment';
import { type Match, MATCHES } from '@fundflow/vault/postgres/search';
import type { ErasureAnswer } from './erasures.js';
import { ERASURE_BASES } from './requests.js';
import type { FoundLine, SearchAnswer } from './search.js';
import type { UnmaskedAnswer } from './unmask.js';

const TEXT_OR_NULL = { type: String, nullable: true } as const;
const MASKED = { ...TEXT_OR_NULL, description: 'Masked; null where the row had none' } as const;

class FoundPayment implements FoundLine {
  @ApiProperty({ format: 'uuid' }) eventId: string;
  @ApiProperty({ description: 'Of the payment, as posted' }) id: string;
  @ApiProperty({ description: '资金所在区划' }) region: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: '收款人地区，如所报送' })
  payeeRegion: string | null;
  @ApiProperty() holdingId: string;
  @ApiProperty({ format: 'date' }) paidOn: string;
  @ApiProperty({ description: 'Whole fen' }) amountFen: string;
  @ApiProperty() voucherNo: string;
  @ApiProperty({ description: '退票：银行退回的金额，分' }) returnedFen: string;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'date', description: '冲销日期；null = 未冲销' })
  reversedOn: string | null;
  @ApiProperty(MASKED) name: string | null;
  @ApiProperty(MASKED) code: string | null;
  @ApiProperty(MASKED) account: string | null;
  @ApiProperty({ enum: MATCHES, description: 'sound: 同音' }) match: Match;
  @ApiProperty({ description: 'Kept and not shown' }) restricted: boolean;
}

export class FoundPeople implements SearchAnswer {
  @ApiProperty({ type: [FoundPayment], description: 'Exact ones first, then the newest' })
  lines: readonly FoundPayment[];
  @ApiProperty({ description: 'There may be more' }) more: boolean;
}

export class Unmasked implements UnmaskedAnswer {
  @ApiProperty({ format: 'uuid' }) eventId: string;
  @ApiProperty({ enum: PERSONAL_FIELDS }) field: string;
  @ApiProperty({ ...TEXT_OR_NULL, description: 'As handed in' }) value: string | null;
  @ApiProperty({ format: 'date-time' }) expiresAt: string;
  @ApiProperty({ type: 'integer' }) ofTheDay: number;
  @ApiProperty({ type: 'integer' }) limitOfTheDay: number;
  @ApiProperty({ type: 'integer', description: 'Of the event that says so' }) position: number;
}

export class ErasureState implements ErasureAnswer {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: ERASURE_BASES }) basis: string;
  @ApiProperty({ enum: ['proposed', 'approved', 'done', 'restricted'] })
  state: ErasureAnswer['state'];
  @ApiProperty({ description: 'Pseudonymous id' }) proposedBy: string;
  @ApiProperty({ format: 'date-time' }) proposedAt: string;
  @ApiProperty(TEXT_OR_NULL) approvedBy: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) erasedEntries: number | null;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'date' }) until: string | null;
}

export class ErasureList {
  @ApiProperty({ type: [ErasureState] }) erasures: readonly ErasureState[];
}

export class HoldAnswer {
  @ApiProperty({ format: 'uuid' }) holdId: string;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'date' }) until: string | null;
}

export class RestrictionAnswer {
  @ApiProperty({ format: 'uuid' }) restrictionId: string;
  @ApiProperty({ ...TEXT_OR_NULL, format: 'date' }) until: string | null;
}
