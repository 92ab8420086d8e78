import { regionTable } from '../../../test/support/handed-in-files.js';
import type { RegionCode } from '../region.js';
import {
  type CertificationRefusal,
  type Officer,
  refuseCertification,
  type RowsChoice,
  type Submission,
} from './submission.js';

const regions = regionTable;
const officer = (id: string, region: string): Officer => ({
  ...{ id, unit: '某单位', region: region as RegionCode },
});
const MAKER = officer('u-1', '450124');
const HANDED_IN: Submission = {
  ...{ id: 's-1', status: 'validated', maker: MAKER, rows: 3, acceptedRows: 3, errors: 0 },
};

interface Case {
  readonly what: string;
  readonly refusal: CertificationRefusal | null;
  readonly by?: Officer;
  readonly is?: Partial<Submission>;
  readonly rows?: RowsChoice;
}
const CHECKER = officer('u-2', '450124');
const CASES: readonly Case[] = [
  { what: 'another person of the same place', refusal: null },
  { what: 'another person of a place above', by: officer('u-2', '45'), refusal: null },
  { what: 'the maker', by: MAKER, refusal: 'same-person' },
  {
    what: 'the maker, who answers for more by now',
    by: officer('u-1', '45'),
    refusal: 'same-person',
  },
  { what: 'the maker, who has moved away', by: officer('u-1', '52'), refusal: 'same-person' },
  { what: 'a neighbour', by: officer('u-2', '450125'), refusal: 'out-of-jurisdiction' },
  { what: 'a place below', by: officer('u-2', '450124100'), refusal: 'out-of-jurisdiction' },
  {
    ...{ what: 'a neighbour, of what is posted', by: officer('u-2', '450125') },
    ...{ is: { status: 'posted' }, refusal: 'out-of-jurisdiction' },
  },
  { what: 'before it is read', is: { status: 'validating' }, refusal: 'still-validating' },
  { what: 'rejected', is: { status: 'rejected' }, refusal: 'submission-rejected' },
  { what: 'certified', is: { status: 'posting' }, refusal: 'already-certified' },
  { what: 'posted', is: { status: 'posted' }, refusal: 'already-certified' },
  { what: 'all of it with errors', is: { errors: 1 }, refusal: 'errors-stand' },
  { what: 'the valid rows of it', is: { errors: 1 }, rows: 'valid', refusal: null },
];

describe('certification', () => {
  it.each(CASES)('$what: $refusal', ({ by = CHECKER, is = {}, rows = 'all', refusal }) => {
    expect(refuseCertification({ ...HANDED_IN, ...is }, by, rows, regions)).toBe(refusal);
  });
});
