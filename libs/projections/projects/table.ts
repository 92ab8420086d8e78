import { EntitySchema } from 'typeorm';
import { fenColumn, momentColumn, type ReadTable } from '../read-table.js';

/** A project; each of its four dates has the moment it was recorded, null together. */
export interface ProjectRecordRow {
  id: string;
  name: string;
  county: string;
  township: string | null;
  village: string | null;
  category: string | null;
  unitName: string;
  unitCode: string | null;
  plannedFen: string | null;
  plannedStart: string | null;
  plannedEnd: string | null;
  performanceTarget: string | null;
  registeredAt: Date;
  position: string;
  libraryOn: string | null;
  libraryAt: Date | null;
  approvedOn: string | null;
  approvedAt: Date | null;
  acceptedOn: string | null;
  acceptedAt: Date | null;
  closedOn: string | null;
  closedAt: Date | null;
}

export interface NoticeRecordRow {
  id: string;
  subjectId: string;
  subjectKind: string;
  projectId: string | null;
  region: string;
  level: string;
  place: string | null;
  postedOn: string;
  postedAt: Date;
  position: string;
  removedOn: string | null;
  removedAt: Date | null;
}

const projects: ReadTable = {
  name: 'projects',
  create: `
    CREATE TABLE projects (
      id text COLLATE "C" PRIMARY KEY,
      name text NOT NULL,
      county text COLLATE "C" NOT NULL,
      township text COLLATE "C",
      village text COLLATE "C",
      category text,
      unit_name text NOT NULL,
      unit_code text,
      planned_fen bigint,
      planned_start date,
      planned_end date,
      performance_target text,
      registered_at timestamptz(3) NOT NULL,
      position bigint NOT NULL,
      library_on date,
      library_at timestamptz(3),
      approved_on date,
      approved_at timestamptz(3),
      accepted_on date,
      accepted_at timestamptz(3),
      closed_on date,
      closed_at timestamptz(3)
    ) WITH (fillfactor = 80)`,
  indexes: ['CREATE INDEX projects_county ON projects (county)'],
  content: 'SELECT * FROM projects',
  entity: new EntitySchema<ProjectRecordRow>({
    name: 'ReadProject',
    tableName: 'projects',
    schema: 'read_side',
    columns: {
      id: { type: 'text', primary: true },
      name: { type: 'text' },
      county: { type: 'text' },
      township: { type: 'text', nullable: true },
      village: { type: 'text', nullable: true },
      category: { type: 'text', nullable: true },
      unitName: { name: 'unit_name', type: 'text' },
      unitCode: { name: 'unit_code', type: 'text', nullable: true },
      plannedFen: { name: 'planned_fen', ...fenColumn, nullable: true },
      plannedStart: { name: 'planned_start', type: 'date', nullable: true },
      plannedEnd: { name: 'planned_end', type: 'date', nullable: true },
      performanceTarget: { name: 'performance_target', type: 'text', nullable: true },
      registeredAt: { name: 'registered_at', ...momentColumn },
      position: { type: 'bigint' },
      libraryOn: { name: 'library_on', type: 'date', nullable: true },
      libraryAt: { name: 'library_at', ...momentColumn, nullable: true },
      approvedOn: { name: 'approved_on', type: 'date', nullable: true },
      approvedAt: { name: 'approved_at', ...momentColumn, nullable: true },
      acceptedOn: { name: 'accepted_on', type: 'date', nullable: true },
      acceptedAt: { name: 'accepted_at', ...momentColumn, nullable: true },
      closedOn: { name: 'closed_on', type: 'date', nullable: true },
      closedAt: { name: 'closed_at', ...momentColumn, nullable: true },
    },
  }),
};

const notices: ReadTable = {
  name: 'notices',
  create: `
    CREATE TABLE notices (
      id text COLLATE "C" PRIMARY KEY,
      subject_id text COLLATE "C" NOT NULL,
      subject_kind text NOT NULL,
      project_id text COLLATE "C",
      region text COLLATE "C" NOT NULL,
      level text NOT NULL,
      place text,
      posted_on date NOT NULL,
      posted_at timestamptz(3) NOT NULL,
      position bigint NOT NULL,
      removed_on date,
      removed_at timestamptz(3)
    ) WITH (fillfactor = 80)`,
  indexes: ['CREATE INDEX notices_subject ON notices (subject_id)'],
  content: 'SELECT * FROM notices',
  entity: new EntitySchema<NoticeRecordRow>({
    name: 'ReadNotice',
    tableName: 'notices',
    schema: 'read_side',
    columns: {
      id: { type: 'text', primary: true },
      subjectId: { name: 'subject_id', type: 'text' },
      subjectKind: { name: 'subject_kind', type: 'text' },
      projectId: { name: 'project_id', type: 'text', nullable: true },
      region: { type: 'text' },
      level: { type: 'text' },
      place: { type: 'text', nullable: true },
      postedOn: { name: 'posted_on', type: 'date' },
      postedAt: { name: 'posted_at', ...momentColumn },
      position: { type: 'bigint' },
      removedOn: { name: 'removed_on', type: 'date', nullable: true },
      removedAt: { name: 'removed_at', ...momentColumn, nullable: true },
    },
  }),
};

export const projectTables: readonly ReadTable[] = [projects, notices];
