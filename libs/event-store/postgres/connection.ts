import pg from 'pg';
import { EventStoreCorrupt, EventStoreUnavailable, InvalidAppend } from '../event-store.js';

const CONNECT_MAX_MS = 10_000;
/** Of one statement; a group of a hundred thousand events takes a few seconds. */
const STATEMENT_MAX_MS = 120_000;
/** How long an append waits for those of other processes. */
const LOCK_MAX_MS = 60_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/** What every session of the store runs under, whatever the role or the database says. */
const SESSION = [
  '-c synchronous_commit=on',
  '-c default_transaction_isolation=read\\ committed',
  '-c TimeZone=UTC',
  '-c DateStyle=ISO',
  `-c lock_timeout=${LOCK_MAX_MS}`,
  // Every question goes by an index, and is planned once. A plan made while the tables were small
  // and kept would otherwise read all of them once they have grown; planning each small append
  // anew costs as much as carrying it out.
  '-c plan_cache_mode=force_generic_plan',
  '-c enable_seqscan=off',
  '-c enable_bitmapscan=off',
  '-c jit=off',
].join(' ');

/** @param part of the store, as it shows in pg_stat_activity */
export function sessionConfig(
  config: pg.ClientConfig,
  part: 'writer' | 'reader' | 'listener',
): pg.ClientConfig {
  return {
    application_name: `event-store ${part}`,
    connectionTimeoutMillis: CONNECT_MAX_MS,
    query_timeout: STATEMENT_MAX_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    ...config,
    options: config.options === undefined ? SESSION : `${config.options} ${SESSION}`,
  };
}

/** SQLSTATE classes that speak of the server or the moment, not of what was asked. */
const PASSING_CLASSES = new Set(['08', '40', '53', '57', '58']);
/** A lock not granted in time; a standby that takes no writes. */
const PASSING_CODES = new Set(['55P03', '25006']);
/** What was handed over cannot be stored: not JSON, beyond a limit. */
const INVALID_CLASSES = new Set(['22', '54']);
const UNIQUE_VIOLATION = '23505';

/** The error as the port speaks of it; programming errors come back as they are. */
export function portError(error: unknown): unknown {
  if (error instanceof pg.DatabaseError) {
    const code = error.code ?? '';
    const sqlClass = code.slice(0, 2);
    if (PASSING_CLASSES.has(sqlClass) || PASSING_CODES.has(code)) return unavailable(error);
    return error;
  }
  if (error instanceof TypeError || error instanceof RangeError) return error;
  if (error instanceof EventStoreUnavailable || error instanceof EventStoreCorrupt) return error;
  // Everything else comes from the socket: refused, reset, ended, timed out.
  return unavailable(error);
}

/** The error of an append, which may also be that of what was handed over. */
export function appendError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return portError(error);
  const code = error.code ?? '';
  if (INVALID_CLASSES.has(code.slice(0, 2))) {
    return new InvalidAppend(error.message, { cause: error });
  }
  if (code === UNIQUE_VIOLATION) {
    return new EventStoreCorrupt(`${error.message}: ${error.detail ?? ''}`, { cause: error });
  }
  return portError(error);
}

function unavailable(cause: unknown): EventStoreUnavailable {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new EventStoreUnavailable(message === '' ? 'no connection' : message, { cause });
}
