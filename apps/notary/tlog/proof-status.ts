import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { PublishedCheckpoint } from '@fundflow/proof/postgres/checkpoint-table';
import { NOT_DETECTED } from '@fundflow/proof/sentences';
import type { LogState } from '../log/open-notaries.js';
import type { LogShelf, ShownLog } from './log-shelf.js';

export interface CheckpointAnswer {
  readonly size: number;
  readonly signedAt: string;
  readonly note: string;
}

// A reference cannot be null in OpenAPI 3.0, so what may be missing is written out.
const CHECKPOINT: ApiPropertyOptions = {
  type: 'object',
  nullable: true,
  required: ['size', 'signedAt', 'note'],
  properties: {
    size: { type: 'integer', description: 'Records in it' },
    signedAt: { type: 'string', format: 'date-time' },
    note: { type: 'string', description: 'The signed note with its cosignatures' },
  },
  additionalProperties: false,
};

const NOTARY: ApiPropertyOptions = {
  type: 'object',
  nullable: true,
  description: 'The notary, where it runs in this process',
  required: ['log', 'state', 'tilesSize', 'signedSize', 'failure', 'witnesses'],
  properties: {
    log: { type: 'string' },
    state: { type: 'string', enum: ['starting', 'following', 'retrying', 'refused', 'stopped'] },
    tilesSize: { type: 'integer', description: 'Records in the tiles' },
    signedSize: { type: 'integer', description: 'Records in the last signature' },
    failure: { type: 'string', nullable: true },
    witnesses: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'size', 'cosignedAt', 'failure'],
        properties: {
          name: { type: 'string' },
          size: { type: 'integer', nullable: true },
          cosignedAt: { type: 'string', nullable: true },
          failure: { type: 'string', nullable: true },
        },
      },
    },
  },
  additionalProperties: false,
};

class LogAnswer {
  @ApiProperty() log: string;
  @ApiProperty({ enum: ['sha256', 'sm3'] }) hash: string;
  @ApiProperty({ type: String, nullable: true }) origin: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Public key' }) vkey: string | null;
  @ApiProperty({ description: 'C2SP tlog-policy a verifier may use' }) policy: string;
  @ApiProperty(CHECKPOINT)
  signed: CheckpointAnswer | null;
  @ApiProperty(CHECKPOINT)
  witnessed: CheckpointAnswer | null;
  @ApiProperty(NOTARY)
  notary: LogState | null;
}

export class ProofStatusAnswer {
  @ApiProperty({ description: 'What these proofs show, and what not (zh-CN)' }) statement: string;
  @ApiProperty({ type: [LogAnswer] }) logs: LogAnswer[];
}

/** What a notary in the hands of who keeps the ledger is worth, said wherever it runs like that. */
export const SELF_RUN_STATEMENT =
  '签名程序由记账方自行运行：可以证明账本没有被回退或截短，不能证明独立性；独立性须由外部见证人联署。' +
  NOT_DETECTED.zh;
const WITNESSED_STATEMENT = `检查点由外部见证人联署，达到验证策略的要求才算见证。${NOT_DETECTED.zh}`;

/** How the logs stand, for people and for the programs that carry checkpoints to offline witnesses. */
export async function proofStatus(shelf: LogShelf): Promise<ProofStatusAnswer> {
  const logs = await Promise.all(shelf.logs.map((log) => statusOf(log, shelf)));
  const isWitnessed = shelf.logs.every((log) => log.needsWitnesses);
  return { statement: isWitnessed ? WITNESSED_STATEMENT : SELF_RUN_STATEMENT, logs };
}

async function statusOf(log: ShownLog, shelf: LogShelf): Promise<LogAnswer> {
  const tree = await log.tiles.tree();
  const [signed, witnessed] = await Promise.all([
    log.checkpoints.newest('signed'),
    log.checkpoints.newest('witnessed'),
  ]);
  return {
    log: log.name,
    hash: log.tree.name,
    origin: tree?.origin ?? null,
    vkey: tree?.vkey ?? null,
    policy: await log.policyText(),
    signed: answerOf(signed),
    witnessed: answerOf(witnessed),
    notary: shelf.stateOf(log.name),
  };
}

const answerOf = (checkpoint: PublishedCheckpoint | null): CheckpointAnswer | null =>
  checkpoint && {
    size: checkpoint.size,
    signedAt: checkpoint.signedAt.toISOString(),
    note: checkpoint.note,
  };
