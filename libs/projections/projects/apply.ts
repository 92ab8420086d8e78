import type { ClientBase } from 'pg';
import type { Cell } from '@fundflow/postgres-arrays/column-bytes';
import { type Completion, completeRows, type Fact } from '../complete-rows.js';
import { type NewRows, type RowShape, rowsOf } from '../new-rows.js';
import { CannotFold, type PageFold, type Projection, type Recorded } from '../projection.js';
import { projectTables } from './table.js';

const PROJECT_DATES = ['library', 'approved', 'accepted', 'closed'] as const;
type ProjectDate = (typeof PROJECT_DATES)[number];

interface Begun<D extends string> {
  readonly cells: readonly Cell[];
  readonly dates: Partial<Record<D, Fact>>;
}

/** Rows the page began, and facts about rows of earlier pages. */
interface Table<D extends string> {
  readonly begun: Map<string, Begun<D>>;
  readonly later: Record<D, Completion[]>;
}

export interface ProjectsPage {
  readonly projects: {
    readonly begun: NewRows;
    readonly later: Record<ProjectDate, Completion[]>;
  };
  readonly notices: {
    readonly begun: NewRows;
    readonly later: Record<'removed', Completion[]>;
  };
}

function fill<D extends string>(table: Table<D>, date: D, id: string, recorded: Recorded): void {
  const { event, envelope, position } = recorded;
  const fact = { on: event.occurredOn as string, at: envelope.recordedAt, position };
  const begun = table.begun.get(id);
  if (!begun) table.later[date].push({ id, fact });
  else if (begun.dates[date]) throw new CannotFold(position, `${id} is ${date} twice`);
  else begun.dates[date] = fact;
}

function rows<D extends string>(
  shape: RowShape,
  { begun }: Table<D>,
  dates: readonly D[],
): NewRows {
  return rowsOf(shape, begun.values(), (row) => [
    ...row.cells,
    ...dates.flatMap((date) => {
      const fact = row.dates[date];
      return fact ? [fact.on, fact.at] : [null, null];
    }),
  ]);
}

const PROJECTS: RowShape = {
  table: 'projects',
  columns: {
    ...{ id: 'text', name: 'text', county: 'text', township: 'text', village: 'text' },
    ...{ category: 'text', unit_name: 'text', unit_code: 'text', planned_fen: 'bigint' },
    ...{ planned_start: 'date', planned_end: 'date', performance_target: 'text' },
    ...{ registered_at: 'moment', position: 'bigint' },
    ...{ library_on: 'date', library_at: 'moment', approved_on: 'date', approved_at: 'moment' },
    ...{ accepted_on: 'date', accepted_at: 'moment', closed_on: 'date', closed_at: 'moment' },
  },
};
const NOTICES: RowShape = {
  table: 'notices',
  columns: {
    ...{ id: 'text', subject_id: 'text', subject_kind: 'text', project_id: 'text' },
    ...{ region: 'text', level: 'text', place: 'text', posted_on: 'date', posted_at: 'moment' },
    ...{ position: 'bigint', removed_on: 'date', removed_at: 'moment' },
  },
};

/** Folds a page in memory. */
class ProjectsFold {
  readonly #projects: Table<ProjectDate> = {
    begun: new Map(),
    later: { library: [], approved: [], accepted: [], closed: [] },
  };
  readonly #notices: Table<'removed'> = { begun: new Map(), later: { removed: [] } };

  add(recorded: Recorded): void {
    foldEvent(this.#projects, this.#notices, recorded);
  }

  page(): ProjectsPage {
    const [projects, notices] = [this.#projects, this.#notices];
    return {
      projects: { begun: rows(PROJECTS, projects, PROJECT_DATES), later: projects.later },
      notices: { begun: rows(NOTICES, notices, ['removed']), later: notices.later },
    };
  }
}

function foldEvent(
  projects: Table<ProjectDate>,
  notices: Table<'removed'>,
  recorded: Recorded,
): void {
  const { event, envelope, position } = recorded;
  switch (event.type) {
    case 'ProjectRegistered': {
      const { row } = event.data;
      const cells = [
        ...[row.id, row.name, row.county, row.township, row.village, row.category],
        ...[row.unitName, row.unitCode, row.planned?.amountFen ?? null, row.plannedStart],
        ...[row.plannedEnd, row.performanceTarget, envelope.recordedAt, position],
      ];
      projects.begun.set(row.id, { cells, dates: {} });
      return;
    }
    case 'ProjectEnteredLibrary':
      return fill(projects, 'library', event.data.projectId, recorded);
    case 'ProjectApproved':
      return fill(projects, 'approved', event.data.projectId, recorded);
    case 'ProjectAccepted':
      return fill(projects, 'accepted', event.data.projectId, recorded);
    case 'ProjectClosed':
      return fill(projects, 'closed', event.data.projectId, recorded);
    case 'NoticePosted': {
      const { row, subjectKind, projectId } = event.data;
      const cells = [
        ...[row.id, row.subjectId, subjectKind, projectId, event.region, row.level, row.place],
        ...[event.occurredOn, envelope.recordedAt, position],
      ];
      notices.begun.set(row.id, { cells, dates: {} });
      return;
    }
    case 'NoticeRemoved':
      return fill(notices, 'removed', event.data.noticeId, recorded);
    default:
      // Money, submissions, limits and oversight: the other projections.
      return;
  }
}

/** The project library and the public notices. */
export const projectsProjection: Projection = {
  name: 'projects',
  tables: projectTables,
  beginPage(): PageFold {
    const fold = new ProjectsFold();
    return {
      add: (recorded) => fold.add(recorded),
      addPayment: () => undefined,
      write: (_, client) => write(fold.page(), client),
    };
  },
};

async function write({ projects, notices }: ProjectsPage, client: ClientBase): Promise<void> {
  await projects.begun.insert(client);
  for (const prefix of PROJECT_DATES) {
    const where = { table: 'projects', prefix, withPosition: false };
    await completeRows(client, where, projects.later[prefix]);
  }
  await notices.begun.insert(client);
  const where = { table: 'notices', prefix: 'removed', withPosition: false };
  await completeRows(client, where, notices.later.removed);
}
