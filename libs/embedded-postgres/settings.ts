/**
 * Settings of every embedded server: reachable from this machine alone and only over TCP. A Unix
 * socket would be a little faster and closed to other users, but its path may have 107 bytes, and
 * TypeORM, psql and node-postgres each spell it differently; one URL serves them all, and SCRAM
 * with a random password keeps other users of the machine out.
 */
const LOOPBACK_ONLY = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'password_encryption=scram-sha-256',
];

const REGIONAL = ['timezone=UTC', 'log_timezone=UTC', 'lc_messages=C'];

/** A server for two cores and a few gigabytes that writes much and answers short questions. */
const MODEST = [
  'max_connections=100',
  'shared_buffers=128MB',
  'effective_cache_size=1GB',
  'work_mem=16MB',
  'maintenance_work_mem=128MB',
  'wal_buffers=16MB',
  'min_wal_size=256MB',
  'max_wal_size=2GB',
  'checkpoint_timeout=10min',
  // A large file writes more than the buffers hold: somebody else than the session that posts it makes room.
  'bgwriter_delay=50ms',
  'bgwriter_lru_maxpages=1000',
  'bgwriter_lru_multiplier=4',
  'random_page_cost=1.1',
  'jit=off',
];

/** Statements, their values and the rows that broke a rule may name people: none of it goes into the server's log. */
const DISCREET = [
  'log_statement=none',
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
  'log_parameter_max_length=0',
  'log_parameter_max_length_on_error=0',
];

/** Acknowledged means durable: on the command line, so that no file of the cluster undoes it. */
const DURABLE = ['fsync=on', 'full_page_writes=on', 'synchronous_commit=on'];

/** For tests of rules, not of durability. */
const VOLATILE = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=on'];

export function serverSettings(options: { durable: boolean }): readonly string[] {
  const promise = options.durable ? DURABLE : VOLATILE;
  return [...LOOPBACK_ONLY, ...REGIONAL, ...DISCREET, ...MODEST, ...promise];
}

export function connectionUrl(options: {
  user: string;
  password: string;
  port: number;
  database: string;
}): string {
  const { user, password, port, database } = options;
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}
