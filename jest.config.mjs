/** Jest over SWC, ESM throughout; `npm test` sets NODE_OPTIONS=--experimental-vm-modules. */
export default {
  rootDir: '.',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^@fundflow/([^/]+)/(.+?)$': '<rootDir>/libs/$1/$2.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/apps/fundflow/node_modules/'],
  // Keeps a test that hangs from hanging the run; machines of a quarter of this speed need their time, too.
  testTimeout: 240_000,
  maxWorkers: 2,
};
