// Names for the paths of the import table: packages, Node's own modules, and what several rows share.

const { builtinModules } = require('node:module');

const TEST_CODE = ['\\.spec\\.ts$', 'contract\\.ts$'];
const production = (path) => ({ path, pathNot: TEST_CODE });
const npm = (...names) => `^node_modules/(${names.join('|')})/`;
const node = (...names) => `^(node:)?(${names.join('|')})$`;
const TEST_SUPPORT = '^test/support/[^/]+\\.ts$';
const ANY_NODE_MODULE = node(...builtinModules);
const EVENT_STORE_PORT = '^libs/event-store/[^/]+\\.ts$';
const DOMAIN_VALUES = '^libs/domain/[^/]+\\.ts$';
const ARRAYS = '^libs/postgres-arrays/';
const DIRECTORIES = '^libs/directories/';
const NEST = npm('@nestjs/[^/]+', 'reflect-metadata', 'rxjs', 'class-validator');

module.exports = {
  ...{ TEST_CODE, production, npm, node, TEST_SUPPORT, ANY_NODE_MODULE },
  ...{ EVENT_STORE_PORT, DOMAIN_VALUES, NEST, ARRAYS, DIRECTORIES },
};
