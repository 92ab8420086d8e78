import type { QueryBus } from '@nestjs/cqrs';
import { type AttachmentAdded, attachmentStream } from '@fundflow/domain/attachment/events';
import type { Officer } from '@fundflow/domain/submission/submission';
import { parseAlertId } from '@fundflow/domain/rules/alerts';
import { BUNDLE_RECORDS_MAX, type ProvedRecord } from '@fundflow/evidence/bundle-file';
import type { EventStore } from '@fundflow/event-store/event-store';
import type { Scope } from '@fundflow/identity/scope';
import { Problem } from '@fundflow/nest-edge/problem';
import type { AlertAnswer } from '@fundflow/queries/alerts-list';
import { AskAlerts, type AlertsAnswer } from '../answers/alerts.js';
import { AskTrace, type TraceAnswer } from '../answers/trace.js';
import { AskTrail, type TrailAnswer } from '../answers/trail.js';
import { notFound } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { EvidenceBody } from './evidence-body.js';

/** What was found, as answers and as the records they stand on. */
export interface Gathered {
  readonly entries: TrailAnswer['entries'];
  readonly edges: TraceAnswer['edges'];
  readonly nodes: TraceAnswer['nodes'];
  readonly alert: AlertAnswer | null;
  /** Ordered by position; those that name the attachments are among them. */
  readonly records: readonly ProvedRecord[];
  readonly attachments: readonly AttachmentAdded['data'][];
}

export interface Asking {
  readonly queries: QueryBus;
  readonly store: Pick<EventStore, 'findEvents' | 'readStreams'>;
  readonly scope: Scope;
  readonly by: Officer;
}

const PAGE = 1_000;
const FIND_AT_ONCE = 5_000;
const ATTACHMENTS_MAX = 1_000;
/** Of one bundle; they are packed from memory one after the other. */
const ATTACHMENT_BYTES_MAX_IN_ALL = 256 * 1024 * 1024;
const PAGES_MAX = BUNDLE_RECORDS_MAX / PAGE + 1;
const NOTHING = { entries: [], edges: [], nodes: [], alert: null } as const;

/**
 * Asks the question as everybody asks it, within the scope, page by page, and fetches the records behind the answer.
 *
 * @throws Problem as the question has them; 413 `evidence-too-large`, 404 `no-records`
 */
export async function gather(asking: Asking, body: EvidenceBody): Promise<Gathered> {
  const found = await ask(asking, body);
  const ids = [...found.entries, ...found.edges.filter(isInside)].map(({ eventId }) => eventId);
  const records = await recordsOf(asking.store, [...new Set(ids)]);
  if (records.length === 0) throw nothingFound();
  const papers = await attachmentsOf(asking.store, subjectsOf(found));
  const all = [...records, ...papers.records].sort((a, b) => a.position - b.position);
  if (all.length > BUNDLE_RECORDS_MAX) throw tooLarge();
  return { ...found, records: all, attachments: papers.attachments };
}

/** Between two places outside the jurisdiction an edge has no amount: what is recorded there is not ours to hand out. */
const isInside = ({ amountFen }: TraceAnswer['edges'][number]): boolean => amountFen !== null;

async function ask(
  asking: Asking,
  body: EvidenceBody,
): Promise<Omit<Gathered, 'records' | 'attachments'>> {
  switch (body.kind) {
    case 'trail':
      return { ...NOTHING, entries: await trailOf(asking, body) };
    case 'trace':
      return { ...NOTHING, ...(await traceOf(asking, body, body.id, body.direction ?? 'down')) };
    case 'alert': {
      const alert = await alertOf(asking, body);
      return { ...NOTHING, alert, ...(await tracesOf(asking, body, [alert.subjectId])) };
    }
    case 'lead':
    case 'complaint':
      return { ...NOTHING, ...(await tracesOf(asking, body, body.about ?? [])) };
  }
}

type Traced = Pick<TraceAnswer, 'nodes' | 'edges'>;

/** Where the money came from, and everything that was done with it since: both make a doubt what it is. */
async function tracesOf(
  asking: Asking,
  body: EvidenceBody,
  subjects: readonly string[],
): Promise<Traced> {
  const edges = new Map<string, Traced['edges'][number]>();
  const nodes = new Map<string, Traced['nodes'][number]>();
  for (const subject of subjects) {
    for (const direction of ['up', 'down'] as const) {
      const traced = await traceOf(asking, body, subject, direction);
      for (const edge of traced.edges) edges.set(edge.eventId, edge);
      for (const node of traced.nodes) nodes.set(node.id, node);
      if (edges.size > BUNDLE_RECORDS_MAX) throw tooLarge();
    }
  }
  return { edges: [...edges.values()], nodes: [...nodes.values()] };
}

const timesOf = ({ asOf, knownAt }: EvidenceBody) => ({
  ...(asOf === undefined ? {} : { asOf }),
  ...(knownAt === undefined ? {} : { knownAt }),
});

async function trailOf(asking: Asking, body: EvidenceBody): Promise<TrailAnswer['entries']> {
  const { from, to } = body;
  const days = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const pages = await pagesOf<TrailAnswer>((page) => {
    const query = { ...timesOf(body), ...days, ...page };
    return asking.queries.execute(new AskTrail(body.id, query, asking.scope, asking.by));
  });
  return pages.flatMap(({ entries }) => entries);
}

async function traceOf(
  asking: Asking,
  body: EvidenceBody,
  id: string,
  direction: 'up' | 'down',
): Promise<Traced> {
  const pages = await pagesOf<TraceAnswer>((page) => {
    const query = { ...timesOf(body), direction, ...page };
    return asking.queries.execute(new AskTrace(id, query, asking.scope, asking.by));
  });
  const nodes = new Map(pages.flatMap((page) => page.nodes).map((node) => [node.id, node]));
  return { nodes: [...nodes.values()], edges: pages.flatMap(({ edges }) => edges) };
}

async function alertOf(asking: Asking, body: EvidenceBody): Promise<AlertAnswer> {
  const key = parseAlertId(body.id);
  if (key === null) throw notFound('unknown-alert');
  const which = { rule: key.rule, subject: key.subjectId, status: 'all' } as const;
  const pages = await pagesOf<AlertsAnswer>((page) => {
    const query = { ...timesOf(body), ...which, ...page };
    return asking.queries.execute(new AskAlerts(query, asking.scope));
  });
  const alert = pages.flatMap(({ alerts }) => alerts).find(({ id }) => id === body.id);
  if (!alert) throw notFound('unknown-alert');
  return alert;
}

/** All pages of a list, which must end within what a bundle holds. */
async function pagesOf<T extends { readonly next: string | null }>(
  page: (query: { limit: number; cursor?: string }) => Promise<Reflecting<T>>,
): Promise<T[]> {
  const pages: T[] = [];
  let cursor: string | null = null;
  do {
    if (pages.length === PAGES_MAX) throw tooLarge();
    const { answer }: Reflecting<T> = await page({
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    });
    pages.push(answer);
    cursor = answer.next;
  } while (cursor !== null);
  return pages;
}

async function recordsOf(
  store: Pick<EventStore, 'findEvents'>,
  ids: readonly string[],
): Promise<ProvedRecord[]> {
  if (ids.length > BUNDLE_RECORDS_MAX) throw tooLarge();
  const records: ProvedRecord[] = [];
  for (let at = 0; at < ids.length; at += FIND_AT_ONCE) {
    for (const event of await store.findEvents(ids.slice(at, at + FIND_AT_ONCE))) {
      records.push({ position: Number(event.position), record: event.record });
    }
  }
  return records.sort((a, b) => a.position - b.position);
}

/** Ids of the records in the answer, within the jurisdiction: papers lie beside these. */
function subjectsOf({ entries, nodes }: Pick<Gathered, 'entries' | 'nodes'>): string[] {
  const seen = nodes.filter(({ label, amountFen }) => label !== null || amountFen !== null);
  return [...new Set([...entries.map(({ recordId }) => recordId), ...seen.map(({ id }) => id)])];
}

async function attachmentsOf(
  store: Pick<EventStore, 'readStreams'>,
  ids: readonly string[],
): Promise<{ records: ProvedRecord[]; attachments: AttachmentAdded['data'][] }> {
  const records: ProvedRecord[] = [];
  const attachments = new Map<string, AttachmentAdded['data']>();
  for (let at = 0; at < ids.length; at += FIND_AT_ONCE) {
    const streams = new Map(
      ids.slice(at, at + FIND_AT_ONCE).map((id) => [attachmentStream(id), 0] as const),
    );
    const found = await store.readStreams(streams, ATTACHMENTS_MAX + 1);
    for (const { position, record } of found) {
      records.push({ position: Number(position), record });
      const { data } = JSON.parse(record) as { data: AttachmentAdded['data'] };
      attachments.set(data.sha256, data);
    }
    const bytes = [...attachments.values()].reduce((sum, each) => sum + each.bytes, 0);
    if (records.length > ATTACHMENTS_MAX || bytes > ATTACHMENT_BYTES_MAX_IN_ALL) throw tooLarge();
  }
  return { records, attachments: [...attachments.values()] };
}

const tooLarge = (): Problem =>
  new Problem({
    status: 413,
    code: 'evidence-too-large',
    title: '记录过多',
    titleEn: 'Too many records',
    detail: `一个证据包最多 ${BUNDLE_RECORDS_MAX} 条记录，请用 from、to 缩小范围，分几个证据包导出。`,
  });

const nothingFound = (): Problem =>
  new Problem({
    status: 404,
    code: 'no-records',
    title: '没有记录',
    titleEn: 'No records',
    detail: '按所给条件没有任何记录，不生成证据包。',
  });
