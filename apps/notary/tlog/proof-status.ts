import { ApiProperty } from '@nestjs/swagger';
import type { PublishedCheckpoint } from '@fundflow/proof/postgres/checkpoint-table';
import type { LogState } from '../log/open-notaries.js';
import type { LogShelf, ShownLog } from './log-shelf.js';

export class CheckpointAnswer {
  @ApiProperty({ description: 'Records in it' }) size: number;
  @ApiProperty() signedAt: string;
  @ApiProperty({ description: 'The signed note with its cosignatures' }) note: string;
}

export class WitnessAnswer {
  @ApiProperty() name: string;
  @ApiProperty({ type: Number, nullable: true }) size: number | null;
  @ApiProperty({ type: String, nullable: true }) cosignedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) failure: string | null;
}

export class NotaryAnswer {
  @ApiProperty() log: string;
  @ApiProperty({ enum: ['starting', 'following', 'retrying', 'refused', 'stopped'] }) state: string;
  @ApiProperty({ description: 'Records in the tiles' }) tilesSize: number;
  @ApiProperty({ description: 'Records in the last signature' }) signedSize: number;
  @ApiProperty({ type: String, nullable: true }) failure: string | null;
  @ApiProperty({ type: [WitnessAnswer] }) witnesses: WitnessAnswer[];
}

export class LogAnswer {
  @ApiProperty() log: string;
  @ApiProperty({ enum: ['sha256', 'sm3'] }) hash: string;
  @ApiProperty({ type: String, nullable: true }) origin: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Public key' }) vkey: string | null;
  @ApiProperty({ description: 'C2SP tlog-policy a verifier may use' }) policy: string;
  @ApiProperty({ type: CheckpointAnswer, nullable: true }) signed: CheckpointAnswer | null;
  @ApiProperty({ type: CheckpointAnswer, nullable: true }) witnessed: CheckpointAnswer | null;
  @ApiProperty({ type: NotaryAnswer, nullable: true, description: 'Where it runs in this process' })
  notary: LogState | null;
}

export class ProofStatusAnswer {
  @ApiProperty({ description: 'What these proofs show, and what not (zh-CN)' }) statement: string;
  @ApiProperty({ type: [LogAnswer] }) logs: LogAnswer[];
}

/** What a notary in the hands of who keeps the ledger is worth, said wherever it runs like that. */
export const SELF_RUN_STATEMENT =
  '签名程序由记账方自行运行：可以证明账本没有被回退或截短，不能证明独立性；独立性须由外部见证人联署。';
const WITNESSED_STATEMENT =
  '检查点由外部见证人联署，达到验证策略的要求才算见证；录入时就不真实的内容，联署不能发现。';

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
