import { ApiProperty } from '@nestjs/swagger';
import { SETTING_NAMES, type SettingName } from '@fundflow/domain/oversight/setting-proposals';

const SETTING = { enum: SETTING_NAMES, example: 'rule-limit' };
const RULE = { type: String, nullable: true, description: 'Of a rule-limit', example: null };
const FUND_TYPES = {
  type: 'array',
  items: { type: 'string' },
  nullable: true,
  description: 'Only these; null = all',
} as const;
const VALUE = { description: '整数（天、项、年、分），或 none（不设）', example: '30' };
const DAY = { format: 'date', description: 'YYYY-MM-DD' } as const;

export class SettingAnswer {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty(SETTING) setting: SettingName;
  @ApiProperty(RULE) rule: string | null;
  @ApiProperty(FUND_TYPES) fundTypes: readonly string[] | null;
  @ApiProperty() region: string;
  @ApiProperty(VALUE) value: string;
  @ApiProperty(DAY) validFrom: string;
  @ApiProperty() basis: string;
  @ApiProperty({ description: 'Pseudonymous id' }) proposedBy: string;
  @ApiProperty({ format: 'date-time' }) proposedAt: string;
  @ApiProperty({ type: String, nullable: true, description: 'Null while it waits' })
  approvedBy: string | null;
  @ApiProperty({
    ...{ type: 'integer', nullable: true },
    description: 'Of the event that brings it into force; null while it waits',
  })
  position: number | null;
}

export class SettingDefault {
  @ApiProperty(SETTING) setting: SettingName;
  @ApiProperty(RULE) rule: string | null;
  @ApiProperty(FUND_TYPES) fundTypes: readonly string[] | null;
  @ApiProperty(VALUE) value: string;
  @ApiProperty() name: string;
  @ApiProperty({ description: '依据' }) source: string;
}

export class SettingsAnswer {
  @ApiProperty({ type: [SettingDefault], description: 'What counts where nobody set anything' })
  defaults: readonly SettingDefault[];
  @ApiProperty({ type: [SettingAnswer], description: 'The newest first' })
  settings: readonly SettingAnswer[];
}
