import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import {
  PERSONAL_SETTING_NAMES,
  type PersonalSetting,
} from '@fundflow/domain/oversight/personal-settings';

const SETTING = { enum: PERSONAL_SETTING_NAMES, example: 'unmask-per-day' };
const NUMBER = { type: 'integer', example: 30 } as const;
const DAY = { format: 'date', description: 'YYYY-MM-DD' } as const;

export class PersonalSettingBody {
  @ApiProperty(SETTING) @IsIn(PERSONAL_SETTING_NAMES) setting: PersonalSetting;
  @ApiProperty({ example: '450000' }) @IsString() @MaxLength(12) region: string;
  @ApiProperty(NUMBER) @IsInt() @Min(0) @Max(10_000) value: number;
  @ApiProperty(DAY) @IsString() @MaxLength(10) validFrom: string;
  @ApiProperty({ description: '依据' }) @IsString() @Length(1, 500) basis: string;
}

export class PersonalSettingAnswer {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty(SETTING) setting: PersonalSetting;
  @ApiProperty() region: string;
  @ApiProperty(NUMBER) value: number;
  @ApiProperty(DAY) validFrom: string;
  @ApiProperty() basis: string;
  @ApiProperty({ description: 'Pseudonymous id' }) proposedBy: string;
  @ApiProperty({ format: 'date-time' }) proposedAt: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null while it waits' })
  approvedBy: string | null;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Of the event that approves it' })
  position: number | null;
}

export class PersonalDefault {
  @ApiProperty(SETTING) setting: PersonalSetting;
  @ApiProperty(NUMBER) value: number;
  @ApiProperty() name: string;
  @ApiProperty({ description: '依据' }) source: string;
}

export class PersonalSettingsAnswer {
  @ApiProperty({ type: [PersonalDefault] }) defaults: readonly PersonalDefault[];
  @ApiProperty({ type: [PersonalSettingAnswer], description: 'The newest first' })
  settings: readonly PersonalSettingAnswer[];
}
