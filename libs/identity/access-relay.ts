import type { AccountChange } from '@fundflow/domain/oversight/events';
import { CENTRE, type RegionCode } from '@fundflow/domain/region';
import type { OversightFact, OversightLog } from '@fundflow/oversight/oversight-log';
import type { DataSource } from 'typeorm';
import type { AccessAction } from './access-records.js';

interface Unlogged {
  readonly position: string;
  readonly recordId: string;
  readonly action: AccessAction;
  /** Null where somebody tried a login that nobody has: there is no account to tell of. */
  readonly subjectId: string | null;
  readonly detail: string | null;
  readonly actorId: string | null;
  readonly unit: string | null;
  readonly region: RegionCode | null;
}

type AboutAccount = Unlogged & { readonly subjectId: string };

const PAGE = 100;
const ROUNDS_MAX = 1_000;

/** The process itself, and whoever tried a password in vain. */
const NOBODY = 'nobody';

const SIGN_INS: Readonly<Partial<Record<AccessAction, 'opened' | 'refused' | 'ended'>>> = {
  'session-opened': 'opened',
  'session-refused': 'refused',
  'session-ended': 'ended',
};

const NEXT = `
  SELECT r.position::text, r.record_id AS "recordId", r.action, r.subject_id AS "subjectId",
         r.detail, r.actor_id AS "actorId", coalesce(a.unit, s.unit) AS unit,
         coalesce(a.region, s.region) AS region
  FROM identity_access_records r
  LEFT JOIN identity_users a ON a.id = r.actor_id
  LEFT JOIN identity_users s ON s.id = r.subject_id
  WHERE NOT r.logged ORDER BY r.position LIMIT ${PAGE}`;

/**
 * Carries access records into the log. A record is written in the transaction of what it is about, so none is lost and
 * none is about something that did not happen; from there it goes into the log exactly once, since its id makes the id of
 * the event. The log is the truth; the table keeps addresses besides, and may be emptied after the six months that
 * 等保 level 3 asks for.
 */
export class AccessRelay {
  #running: Promise<void> | null = null;

  constructor(
    private readonly database: DataSource,
    private readonly oversight: Pick<OversightLog, 'record'>,
  ) {}

  /** Resolves when what was recorded before the call is in the log. */
  async flush(): Promise<void> {
    await this.#running;
    this.#running ??= this.#relay().finally(() => (this.#running = null));
    await this.#running;
  }

  async #relay(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const page = await this.database.query<Unlogged[]>(NEXT);
      if (page.length === 0) return;
      await Promise.all(page.filter(isAboutAccount).map((record) => this.#log(record)));
      await this.database.query(
        'UPDATE identity_access_records SET logged = true WHERE position = ANY ($1::bigint[])',
        [page.map(({ position }) => position)],
      );
      if (page.length < PAGE) return;
    }
  }

  async #log(record: AboutAccount): Promise<void> {
    const { actorId, unit, region, recordId } = record;
    const by = { id: actorId ?? NOBODY, unit: unit ?? '', region: region ?? CENTRE };
    await this.oversight.record(by, { ...factOf(record), key: `access:${recordId}` });
  }
}

const isAboutAccount = (record: Unlogged): record is AboutAccount => record.subjectId !== null;

function factOf({ action, subjectId: accountId, detail }: AboutAccount): OversightFact {
  const outcome = SIGN_INS[action];
  if (outcome !== undefined) return { type: 'SignInRecorded', data: { outcome, accountId } };
  return {
    type: 'AccountChanged',
    data: { change: action as AccountChange, accountId, detail },
  };
}
