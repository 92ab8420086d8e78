import type { OversightEvent } from '@fundflow/domain/oversight/events';
import { REGION } from '../../support/regions.js';

const HEAD = {
  streamId: 'oversight-2018-12-31-5d0f5e0c-6d0c-4a63-9d35-0b7a7f6f0009',
  index: 0,
  occurredOn: null,
  region: REGION.guangxi,
} as const;
const SUBJECT = 'ab'.repeat(32);
const WHY = {
  purpose: 'investigation',
  caseId: '桂纪查-2018-17',
  reasonCommitment: 'cd'.repeat(32),
} as const;
const TERMS = {
  kind: 'case',
  accountId: 'u-inspector',
  roles: null,
  region: REGION.mashan,
  caseId: '桂纪查-2018-17',
  until: '2019-03-31T16:00:00.000Z',
  tokenDays: 90,
} as const;
const ACCOUNT = { ...TERMS, kind: 'create-account', roles: ['inspector'], caseId: null } as const;
const EVENT = 'f64022f3-c44e-5520-b479-56c97bbacdf6';
const TRAIL = 'GET /api/v1/counties/:code/trail';

/** One of every type, with every field filled that can be. */
export const goldenOversight = (): OversightEvent[] => [
  read(),
  unmasked(),
  searched(),
  ...accessEvents(),
  ...personalSettings(),
  checkedFirst(),
  ...grantEvents(),
  ...subjectEvents(),
];

const read = (): OversightEvent => ({
  ...{ ...HEAD, type: 'PersonalDataRead', key: 'oversight:1' },
  data: {
    ...{ ...WHY, purpose: 'masked-answer', question: TRAIL, about: '450124', masked: true },
    ...{ fields: ['name', 'account'], persons: 1, eventIds: [EVENT] },
  },
});

const unmasked = (): OversightEvent => ({
  ...{ ...HEAD, type: 'PersonalDataUnmasked', key: 'oversight:2' },
  data: {
    ...{ ...WHY, field: 'code', subjectEventId: EVENT, subject: SUBJECT },
    ...{ ofTheDay: 7, aboveUsual: false },
  },
});

const searched = (): OversightEvent => ({
  ...{ ...HEAD, type: 'PersonalDataSearched', key: 'oversight:3' },
  data: { ...WHY, by: 'id', sought: SUBJECT, within: REGION.mashan, found: 2 },
});

const accessEvents = (): OversightEvent[] => [
  {
    ...{ ...HEAD, type: 'DataExported', key: 'oversight:4' },
    data: {
      ...{ question: 'GET /api/v1/submissions/:id/report', about: 'A-1', format: 'csv' },
      ...{ rows: 12, sha256: 'e'.repeat(64), caseId: '桂纪查-2018-17' },
    },
  },
  {
    ...{ ...HEAD, type: 'AccessDenied', key: 'oversight:5' },
    data: { question: TRAIL, code: 'out-of-jurisdiction', about: '52', times: 3 },
  },
  {
    ...{ ...HEAD, type: 'AccountChanged', key: 'oversight:6' },
    data: { change: 'user-changed', accountId: 'u-maker', detail: 'roles=finance-maker region=45' },
  },
  {
    ...{ ...HEAD, type: 'SignInRecorded', key: 'oversight:7' },
    data: { outcome: 'opened', accountId: 'u-maker' },
  },
  {
    ...{ ...HEAD, type: 'SettingProposed', key: 'setting:1' },
    data: {
      ...{ proposalId: '5d0f5e0c-6d0c-4a63-9d35-0b7a7f6f0008', setting: 'rule-limit' },
      ...{ rule: 'passed-on-late', fundTypes: ['bond', 'city-special'] },
      ...{ appliesTo: REGION.mashan, value: '20', validFrom: '2019-01-01' },
      basis: '桂财农〔2018〕123号',
    },
  },
  {
    ...{ ...HEAD, type: 'SettingChanged', key: 'oversight:8' },
    data: {
      ...{ setting: 'second-checker-from-fen', appliesTo: REGION.mashan, value: '100000000' },
      ...{ validFrom: '2019-01-01', basis: '桂财农〔2018〕123号' },
    },
  },
];

const PERSONAL_TERMS = {
  ...{ proposalId: '5d0f5e0c-6d0c-4a63-9d35-0b7a7f6f0007', setting: 'unmask-per-day' },
  ...{ appliesTo: REGION.mashan, value: '30', validFrom: '2019-01-01' },
  basis: '桂信办〔2018〕9号',
};
const personalSettings = (): OversightEvent[] => [
  {
    ...{ ...HEAD, type: 'PersonalSettingProposed', key: 'personal-setting:1' },
    data: PERSONAL_TERMS,
  },
  {
    ...{ ...HEAD, type: 'PersonalSettingApproved', key: 'personal-setting:1:approved' },
    data: { ...PERSONAL_TERMS, proposedBy: 'u-admin', alone: false },
  },
];

const checkedFirst = (): OversightEvent => ({
  ...{ ...HEAD, type: 'SubmissionCheckedFirst', key: 'first-check:1:u-checker' },
  data: {
    ...{ submissionId: '5d0f5e0c-6d0c-4a63-9d35-0b7a7f6f0001', maker: 'u-maker', rows: 'all' },
    ...{ amount: '250000000', threshold: '100000000' },
  },
});

const grantEvents = (): OversightEvent[] => [
  {
    ...{ ...HEAD, type: 'GrantProposed', key: 'oversight:9' },
    data: { ...TERMS, grantId: 'g-1', reasonCommitment: 'cd'.repeat(32) },
  },
  {
    ...{ ...HEAD, type: 'GrantApproved', key: 'oversight:10' },
    data: { ...ACCOUNT, grantId: 'g-2', proposedBy: 'u-admin', alone: false },
  },
  {
    ...{ ...HEAD, type: 'GrantRevoked', key: 'oversight:11' },
    data: { ...TERMS, grantId: 'g-1', was: 'in-force' },
  },
];

const subjectEvents = (): OversightEvent[] => [
  {
    ...{ ...HEAD, type: 'ErasureProposed', key: 'oversight:12' },
    data: {
      ...{ erasureId: 'e-1', subject: SUBJECT, basis: 'pipl-47' },
      reasonCommitment: 'cd'.repeat(32),
    },
  },
  {
    ...{ ...HEAD, type: 'SubjectErased', key: 'oversight:13' },
    data: {
      ...{ erasureId: 'e-1', subject: SUBJECT, basis: 'pipl-47' },
      ...{ approvers: ['u-auditor', 'u-admin'] as const, recordKeys: ['record:Z-1'] },
    },
  },
  {
    ...{ ...HEAD, type: 'LegalHoldSet', key: 'oversight:14' },
    data: {
      ...{ holdId: 'h-1', subject: SUBJECT, caseId: '桂纪查-2018-17' },
      ...{ reasonCommitment: 'cd'.repeat(32), until: '2019-03-31T16:00:00.000Z' },
    },
  },
  {
    ...{ ...HEAD, type: 'LegalHoldLifted', key: 'oversight:15' },
    data: { holdId: 'h-1', subject: SUBJECT },
  },
  {
    ...{ ...HEAD, type: 'ProcessingRestricted', key: 'oversight:16' },
    data: {
      ...{ restrictionId: 'r-1', subject: SUBJECT, basis: 'retention' },
      ...{ reasonCommitment: 'cd'.repeat(32), until: '2028-12-31T16:00:00.000Z' },
    },
  },
  {
    ...{ ...HEAD, type: 'RestrictionLifted', key: 'oversight:17' },
    data: { restrictionId: 'r-1', subject: SUBJECT },
  },
];
