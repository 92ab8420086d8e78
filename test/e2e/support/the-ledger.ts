import type { Configuration } from '@fundflow/nest-edge/configuration';
import type { NotarySettings } from '../../../apps/notary/settings.js';
import type {
  AlertAnswer,
  AlertsAnswer,
  Answer,
  EventsAnswer,
  HoldingAnswer,
  ProjectAnswer,
  ReportLine,
  SubmissionAnswer,
  SummaryAnswer,
  TraceAnswer,
  TrailAnswer,
  TrialBalanceAnswer,
} from './answers.js';
import { type Cells, type Person, personOf } from './person.js';
import { type DemoLogin, type RunningLedger, startLedger } from './running-ledger.js';

/** `asOf`, `knownAt`, `from`, `to`, `cursor`, `limit`, `depth`, … of contract §4. */
export type Asked = Readonly<Record<string, string | number | undefined>>;

/** The ledger of one spec file, and the language its specs are written in. */
export interface TheLedger {
  readonly running: RunningLedger;
  /** A demo user. */
  as(login: DemoLogin): Person;
  /** Hands in and certifies for the centre: every row is clean and posts, or the test fails with the report. */
  post(kind: string, ...rows: readonly Cells[]): Promise<SubmissionAnswer>;
  /** The same for a file. */
  postFile(
    fileName: string,
    content: string | Uint8Array,
    kind?: string,
  ): Promise<SubmissionAnswer>;
  /** What the report says of each row: `ok`, `already-posted` or the error; nothing is posted. */
  verdicts(kind: string, rows: readonly Cells[], by?: DemoLogin): Promise<string[]>;
  /** The whole report on rows that are not posted. */
  report(kind: string, rows: readonly unknown[], by?: DemoLogin): Promise<readonly ReportLine[]>;
  holding(id: string, asked?: Asked): Promise<HoldingAnswer>;
  project(id: string, asked?: Asked): Promise<ProjectAnswer>;
  summary(region: string, asked?: Asked): Promise<SummaryAnswer>;
  trail(region: string, asked?: Asked): Promise<TrailAnswer['entries']>;
  up(id: string, asked?: Asked): Promise<TraceAnswer>;
  down(id: string, asked?: Asked): Promise<TraceAnswer>;
  alerts(asked?: Asked): Promise<readonly AlertAnswer[]>;
  trialBalance(asked?: Asked): Promise<TrialBalanceAnswer>;
  events(asked?: Asked): Promise<EventsAnswer>;
}

/** Starts the application before the tests of the file and removes it after them. */
export function theLedger(
  changed: Partial<Configuration> = {},
  notary: Partial<NotarySettings> | null = null,
): TheLedger {
  let started: RunningLedger | null = null;
  beforeAll(async () => {
    started = await startLedger(changed, notary);
  });
  afterAll(() => started?.remove());
  return languageOf(() => {
    if (!started) throw new Error('the ledger starts before the first test');
    return started;
  });
}

/** The same language for an application that a test starts by itself. */
export function languageOf(running: () => RunningLedger): TheLedger {
  const persons = new Map<string, Person>();
  const as = (login: DemoLogin): Person => {
    const known = persons.get(login) ?? personOf(running(), login);
    persons.set(login, known);
    return known;
  };
  const ask = async <Body>(path: string, asked: Asked = {}): Promise<Body> =>
    expectOk(await as('centre-checker').get<Body>(path, asked));
  const report = async (
    kind: string,
    rows: readonly unknown[],
    by: DemoLogin = 'centre-maker',
  ): Promise<readonly ReportLine[]> => {
    const submission = expectOk(await as(by).handIn(kind, rows));
    return as(by).report(submission.id);
  };
  const trace = async (id: string, asked: Asked): Promise<TraceAnswer> =>
    wholeTrace(await pagesOf((page) => ask<TraceAnswer>(`/api/v1/trace/${id}`, page), asked));
  return {
    get running() {
      return running();
    },
    as,
    report,
    post: (kind, ...rows) => certified(as, as('centre-maker').handIn(kind, rows)),
    postFile: (fileName, content, kind) =>
      certified(
        as,
        as('centre-maker').upload(fileName, content, kind === undefined ? {} : { kind }),
      ),
    verdicts: async (kind, rows, by) => verdictsOf(rows.length, await report(kind, rows, by)),
    holding: (id, asked) => ask(`/api/v1/holdings/${encodeURIComponent(id)}`, asked),
    project: (id, asked) => ask(`/api/v1/projects/${id}`, asked),
    summary: (region, asked) => ask(`/api/v1/counties/${region}/summary`, asked),
    trail: async (region, asked) => {
      const path = `/api/v1/counties/${region}/trail`;
      const pages = await pagesOf((page) => ask<TrailAnswer>(path, page), asked);
      return pages.flatMap(({ entries }) => entries);
    },
    up: (id, asked) => trace(id, { ...asked, direction: 'up' }),
    down: (id, asked) => trace(id, { ...asked, direction: 'down' }),
    alerts: async (asked) => {
      const pages = await pagesOf((page) => ask<AlertsAnswer>('/api/v1/alerts', page), asked);
      return pages.flatMap(({ alerts }) => alerts);
    },
    trialBalance: (asked) => ask('/api/v1/trial-balance', asked),
    events: (asked) => ask('/api/v1/events', asked),
  };
}

/** @throws Error with what was answered instead */
export function expectOk<Body>({ status, text, body }: Answer<Body>): Body {
  if (status < 200 || status > 299) throw new Error(`answered ${status}: ${text}`);
  return body;
}

async function certified(
  as: (login: DemoLogin) => Person,
  answer: Promise<Answer<SubmissionAnswer>>,
): Promise<SubmissionAnswer> {
  const handedIn = expectOk(await answer);
  if (handedIn.errors > 0) {
    const lines = await as('centre-maker').report(handedIn.id);
    throw new Error(`not clean: ${JSON.stringify(lines.filter((l) => l.severity === 'error'))}`);
  }
  const posted = expectOk(await as('centre-checker').certify(handedIn.id));
  if (posted.status !== 'posted') throw new Error(`the submission is ${posted.status}`);
  return posted;
}

/** One word a row; warnings are none. */
function verdictsOf(rows: number, lines: readonly ReportLine[]): string[] {
  return Array.from({ length: rows }, (_, index) => {
    const own = lines.filter(({ row, severity }) => row === index + 2 && severity !== 'warning');
    return own.length === 0 ? 'ok' : own.map(({ code }) => code).join(' ');
  });
}

/** Every page of a list, over its cursors. */
async function pagesOf<Page extends { readonly next: string | null }>(
  ask: (asked: Asked) => Promise<Page>,
  asked: Asked = {},
): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    const page: Page = await ask({ ...asked, cursor });
    pages.push(page);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

/** All pages as one answer; a node that several pages name stands once. */
function wholeTrace(pages: readonly TraceAnswer[]): TraceAnswer {
  const nodes = new Map(pages.flatMap((page) => page.nodes).map((node) => [node.id, node]));
  const edges = pages.flatMap((page) => page.edges);
  return {
    nodes: [...nodes.values()],
    edges,
    untracedFen: pages.at(-1)?.untracedFen ?? '',
    next: null,
  };
}
