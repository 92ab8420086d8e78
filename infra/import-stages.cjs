// The rows of `libs/submissions`: a folder a stage, and each may take what stands before it on the way of a submission.

const { production, node, ARRAYS, EVENT_STORE_PORT } = require('./import-paths.cjs');

/** What all stages speak of: the submission, a staged row, its bytes. */
const STAGED = '^libs/submissions/(staged|staged-record|growing-bytes)\\.ts$';
const BELOW = ['^libs/(domain|intake|command-handling)/', '^libs/vault/[^/]+\\.ts$'];

const stage = (comment, folder, ...before) => ({
  comment,
  from: production(`^libs/submissions/${folder}/`),
  to: {
    path: [
      `^libs/submissions/(${[folder, ...before].join('|')})/`,
      ...[STAGED, ARRAYS, EVENT_STORE_PORT, ...BELOW],
      node('crypto', 'fs/promises', 'path'),
    ],
  },
});

const stages = [
  stage('submissions/people: who is paid, sealed and kept; it knows no stage', 'people'),
  stage('submissions/hand-in: what is read, and nothing decided', 'hand-in', 'people'),
  stage('submissions/staging: how rows lie until they are posted', 'staging', 'hand-in'),
  stage(
    'submissions/validation: rows against the books, and nothing posted',
    ...['validation', 'people', 'hand-in', 'staging'],
  ),
  stage(
    'submissions/posting: what was certified goes into the log; it reads no file and validates nothing',
    ...['posting', 'people', 'staging', 'postgres'],
  ),
];

module.exports = { stages };
