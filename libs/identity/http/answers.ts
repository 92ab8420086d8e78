import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Action, ACTIONS, ROLES } from '../policy.js';
import type { ShownRecord } from '../access-records.js';
import type { IssuedToken, TokenSummary } from '../sign-in/bearer-tokens.js';
import type { Grant } from '../accounts/grant.js';
import type { CaseGrant } from '../principal.js';
import type { Enrolment } from '../sign-in/second-factors.js';
import type { User } from '../accounts/user.js';

/*
 * Answers as the OpenAPI document shows them; where a route answers a record, its class implements that, so that
 * the two cannot drift apart.
 */
const Moment = () => ApiProperty({ type: String, format: 'date-time' });
const MomentOrNull = () => ApiProperty({ type: String, format: 'date-time', nullable: true });
const TextOrNull = () => ApiProperty({ type: String, nullable: true });
const Roles = () => ApiProperty({ enum: ROLES, isArray: true });

class CaseGrantAnswer implements CaseGrant {
  @ApiProperty({ type: String }) region: CaseGrant['region'];
  @ApiProperty() caseId: string;
  @ApiProperty({ description: 'Epoch milliseconds' }) untilMs: number;
}

/** Who is asking, and `actions`: what the roles allow, so that a console need not know the table. */
export class WhoAmIAnswer {
  @ApiProperty() user: string;
  @ApiProperty({ format: 'uuid', description: 'Pseudonymous: what events name' }) id: string;
  @Roles() roles: User['roles'];
  @ApiProperty({ type: String }) region: User['region'];
  @ApiProperty() unit: string;
  @ApiProperty({ enum: ACTIONS, isArray: true }) actions: readonly Action[];
  @ApiProperty() mustChangePassword: boolean;
  @ApiProperty() mustShowSecondFactor: boolean;
  @ApiProperty({ type: [CaseGrantAnswer] }) cases: readonly CaseGrantAnswer[];
}

export class OpenedSessionAnswer extends WhoAmIAnswer {
  @Moment() expiresAt: string;
}

class OwnSessionAnswer {
  @Moment() openedAt: string;
  @Moment() lastSeenAt: string;
  @Moment() expiresAt: string;
  @ApiProperty() secondFactor: boolean;
  @ApiProperty({ description: 'The one that asks' }) isThis: boolean;
}

export class OwnSessionsAnswer {
  @ApiProperty({ type: [OwnSessionAnswer] }) sessions: OwnSessionAnswer[];
}

export class UserAnswer implements Omit<User, 'createdAt'> {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() login: string;
  @Roles() roles: User['roles'];
  @ApiProperty({ type: String }) region: User['region'];
  @ApiProperty() unit: string;
  @ApiProperty() mustChangePassword: boolean;
  @ApiProperty() disabled: boolean;
  @ApiProperty({ type: String }) origin: User['origin'];
  @Moment() createdAt: string;
  @ApiPropertyOptional({ description: 'One that nobody chose, shown this once' }) password?: string;
}

export class UsersAnswer {
  @ApiProperty({ type: [UserAnswer] }) users: UserAnswer[];
  @TextOrNull() next: string | null;
}

export class PasswordAnswer {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiPropertyOptional({ description: 'One that nobody chose, shown this once' }) password?: string;
}

class AccessRecordAnswer implements Omit<ShownRecord, 'at'> {
  @ApiProperty({ type: String }) position: string;
  @Moment() at: string;
  @ApiProperty({ type: String }) action: ShownRecord['action'];
  @TextOrNull() actorId: string | null;
  @TextOrNull() address: string | null;
  @TextOrNull() detail: string | null;
}

export class AccessRecordsAnswer {
  @ApiProperty({ type: [AccessRecordAnswer] }) records: AccessRecordAnswer[];
  @TextOrNull() next: string | null;
}

class TokenAnswer implements Pick<TokenSummary, 'id' | 'userId' | 'login' | 'name'> {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ format: 'uuid' }) userId: string;
  @ApiProperty() login: string;
  @ApiProperty() name: string;
  @Moment() createdAt: string;
  @Moment() expiresAt: string;
  @MomentOrNull() lastUsedAt: string | null;
}

export class TokensAnswer {
  @ApiProperty({ type: [TokenAnswer] }) tokens: TokenAnswer[];
}

export class IssuedTokenAnswer implements Pick<IssuedToken, 'id' | 'token'> {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ description: 'Shown once and kept nowhere' }) token: string;
  @Moment() expiresAt: string;
}

type KeptGrant = Omit<Grant, 'until' | 'proposedAt' | 'decidedAt'>;

export class GrantAnswer implements KeptGrant {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ type: String }) kind: Grant['kind'];
  @ApiProperty({ enum: ['proposed', 'in-force', 'done', 'revoked'] }) state: Grant['state'];
  @TextOrNull() accountId: string | null;
  @ApiProperty({ type: String }) region: Grant['region'];
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Never a password or a token',
  })
  terms: Grant['terms'];
  @TextOrNull() caseId: string | null;
  @MomentOrNull() until: string | null;
  @ApiProperty() proposedBy: string;
  @Moment() proposedAt: string;
  @TextOrNull() decidedBy: string | null;
  @MomentOrNull() decidedAt: string | null;
  @ApiProperty({ description: 'There was no second person who could have decided' })
  alone: boolean;
}

export class ProposedAnswer {
  @ApiProperty({ type: GrantAnswer }) grant: GrantAnswer;
}

export class GrantsAnswer {
  @ApiProperty({ type: [GrantAnswer] }) grants: GrantAnswer[];
  @TextOrNull() next: string | null;
}

export class ApprovedAnswer {
  @ApiProperty({ type: GrantAnswer }) grant: GrantAnswer;
  @ApiProperty({
    ...{ type: UserAnswer, nullable: true, description: 'The account, where one was changed' },
  })
  user: UserAnswer | null;
  @ApiPropertyOptional({ description: 'One that nobody chose, shown this once' }) password?: string;
  @ApiPropertyOptional({ type: IssuedTokenAnswer, description: 'Of a system, shown this once' })
  token?: IssuedTokenAnswer;
}

export class SetUpAnswer {
  @ApiProperty() user: string;
}

export class EnrolmentAnswer implements Enrolment {
  @ApiProperty({ description: 'Base32, to type in; shown this once' }) secret: string;
  @ApiProperty({ description: '`otpauth:`, to scan' }) uri: string;
}

export class RecoveryCodesAnswer {
  @ApiProperty({ type: [String], description: 'Each counts once; shown this once' })
  recoveryCodes: string[];
}

class FactorDemandAnswer {
  @ApiProperty({ type: String }) region: User['region'];
  @ApiProperty({ enum: ROLES }) role: User['roles'][number];
}

export class FactorDemandsAnswer {
  @ApiProperty({ type: [FactorDemandAnswer] }) demands: FactorDemandAnswer[];
}
