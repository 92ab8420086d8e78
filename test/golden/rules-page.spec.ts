import { readFileSync } from 'node:fs';
import type { Day } from '@fundflow/domain/calendar';
import { type Fen, fen, formatYuan, ZERO } from '@fundflow/domain/money';
import { parseRegion, type RegionCode } from '@fundflow/domain/region';
import { judgements } from '@fundflow/domain/rules/alerts';
import { type Facts, type HoldingFacts, runningBalances } from '@fundflow/domain/rules/facts';
import { type DefaultLimit, LimitBook } from '@fundflow/domain/rules/limits';
import { RULES } from '@fundflow/domain/rules/registry';
import type { Outcome } from '@fundflow/domain/rules/rule';

/* docs/rules.md says of every rule what the code says, and its examples are put to the code. */
const PAGE = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');

interface Section {
  readonly heading: string;
  readonly facts: ReadonlyMap<string, string>;
  readonly examples: readonly (readonly string[])[];
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

function sectionOf(text: string): Section {
  const [heading = '', ...lines] = text.split('\n');
  const rows = lines
    .filter((line) => line.startsWith('|') && !line.startsWith('|---'))
    .map(cellsOf);
  const examples = rows.filter(({ length, [0]: first }) => length === 7 && first !== 'region');
  const facts = rows.filter(({ length, [0]: first }) => length === 2 && first !== '');
  return { heading, facts: new Map(facts as [string, string][]), examples };
}

const SECTIONS = PAGE.split(/^## /m).slice(1).map(sectionOf);

const limitText = (limits: readonly DefaultLimit[] | null): string =>
  limits === null
    ? 'none'
    : limits
        .map(({ fundTypes, limitDays }) => {
          const types = fundTypes?.map((type) => `\`${type}\``).join(', ');
          return types ? `${limitDays} days for ${types}` : `${limitDays} days`;
        })
        .join('; ');

const yuan = (text: string): Fen => fen(BigInt(text.replace('−', '-')) * 100n);
const dayOrNull = (text: string): Day | null => (text === '' ? null : (text as Day));

function factsOf(example: readonly string[]): Facts {
  const [place = '', kind = '', first = '', second = '', moves = ''] = example;
  const region = parseRegion(place) as RegionCode;
  const ofProject = kind === 'project';
  const [issuedOn, receivedOn] = ofProject
    ? ['2018-03-01' as Day, '2018-03-05' as Day]
    : [first as Day, dayOrNull(second)];
  const moved = moves.split('; ').filter(Boolean);
  const deltas = moved.map((move) => {
    const [on = '', amount = ''] = move.split(' ');
    return { day: on as Day, deltaFen: yuan(amount.replace('+', '')) };
  });
  const line = {
    id: 'A-1',
    documentNo: '桂财农〔2018〕1号',
    amountFen: yuan('100'),
    reversedOn: null,
  };
  const holding: HoldingFacts = {
    ...{ subject: 'holding', id: 'A-1', region, supplements: [] },
    kind: kind.startsWith('disbursement') ? 'disbursement' : 'allocation',
    fundType: /`(.+)`/.exec(kind)?.[1] ?? 'central-special',
    firstLine: { ...line, issuedOn, receivedOn },
    balances: runningBalances([
      { day: issuedOn, deltaFen: ZERO },
      ...(receivedOn === null ? [] : [{ day: receivedOn, deltaFen: yuan('100') }]),
      ...deltas,
    ]),
    origins: [{ from: null, originalIssuedOn: issuedOn }],
  };
  if (!ofProject) return holding;
  const dates = { acceptedOn: dayOrNull(first), closedOn: dayOrNull(second) };
  return { subject: 'project', id: 'X-1', county: region, ...dates, holdings: [holding] };
}

function shown(outcome: Outcome | undefined): string {
  // A rule that never looks at such a subject says nothing of it.
  if (outcome === undefined || outcome.outcome === 'clear') return 'clear';
  if (outcome.outcome === 'cannot-be-judged') return 'cannot be judged';
  const { days, amountFen, severity } = outcome;
  return `fires: ${days} days, ${formatYuan(amountFen).replace(/\.00$/, '')}, ${severity}`;
}

describe('docs/rules.md', () => {
  it('has a section for every rule, in the order of the registry', () => {
    const headings = SECTIONS.map(({ heading }) => heading);
    expect(headings).toEqual(RULES.map(({ id, title }) => `\`${id}\` ${title}`));
  });

  describe.each(RULES.map((rule, at) => [rule.id, rule, SECTIONS[at] as Section] as const))(
    '%s',
    (id, rule, section) => {
      it('states the basis and the default limits of the code, and says all the rest', () => {
        expect(section.facts.get('basis')).toBe(rule.legalBasis);
        expect(section.facts.get('limit')).toBe(limitText(rule.defaultLimits));
        const rest = ['basis', 'limit', 'fires on', 'start', 'amount', 'severity', 'closes'];
        expect([...section.facts.keys()]).toEqual(rest);
      });

      it('has an example that fires and one that does not', () => {
        const results = section.examples.map((example) => example[6]?.split(':')[0]);
        expect(new Set(results)).toEqual(new Set(['fires', 'clear']));
      });

      it.each(
        section.examples.map((example) => [example.slice(0, 6).join(' · '), example] as const),
      )('%s', (_, example) => {
        const judged = judgements(factsOf(example), new LimitBook([]));
        const found = judged.find((one) => one.rule.id === id);
        expect(shown(found?.evaluate(example[5] as Day))).toBe(example[6]);
      });
    },
  );
});
