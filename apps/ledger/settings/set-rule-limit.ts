import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { groupOf } from '@fundflow/command-handling/envelopes';
import type { LedgerEvent } from '@fundflow/domain/events';
import {
  decideLimit,
  type LimitRefusalCode,
  type SetRuleLimit as LimitTerms,
} from '@fundflow/domain/rules/decide-limit';
import type { RuleLimitSet } from '@fundflow/domain/rules/events';
import type { EventStore } from '@fundflow/event-store/event-store';
import type { RecordClock } from '@fundflow/event-store/record-clock';
import type { Principal } from '@fundflow/identity/principal';
import { Problem } from '@fundflow/nest-edge/problem';
import type { RegionTable } from '@fundflow/domain/region';

/** Brings the limit of a rule into force that two administrators agreed on; the same one again changes nothing. */
export class SetRuleLimit {
  constructor(
    readonly by: Principal,
    readonly limit: LimitTerms,
  ) {}
}

/** What settings are decided and recorded with. */
export class SettingsLedger {
  constructor(
    readonly store: EventStore,
    readonly regions: RegionTable,
    readonly clock: RecordClock,
  ) {}
}

const ATTEMPTS_MAX = 20;
const STATUS: Readonly<Partial<Record<LimitRefusalCode, number>>> = { 'out-of-jurisdiction': 403 };

/** @throws Problem with the code of the refusal */
export function limitEvents(
  limit: LimitTerms,
  by: Principal,
  regions: RegionTable,
): readonly [RuleLimitSet] {
  const decision = decideLimit(limit, { jurisdiction: by.region, regions });
  if (decision.outcome === 'accepted') return decision.events;
  const { code, field, value } = decision.refusal;
  throw new Problem({
    status: STATUS[code] ?? 400,
    code,
    title: '规则限期设置有误',
    titleEn: 'The limit was refused',
    detail: `字段 ${field} 的值“${value ?? ''}”不被接受（${code}）。`,
    extra: { field },
  });
}

/** Records the limit as an event; answers its position. */
@CommandHandler(SetRuleLimit)
export class SetRuleLimitHandler implements ICommandHandler<SetRuleLimit, { position: number }> {
  constructor(private readonly ledger: SettingsLedger) {}

  execute({ by, limit }: SetRuleLimit): Promise<{ position: number }> {
    return this.#append(limitEvents(limit, by, this.ledger.regions), by, limit.limitId);
  }

  async #append(
    events: readonly LedgerEvent[],
    by: Principal,
    limitId: string,
  ): Promise<{ position: number }> {
    const streamId = events[0]?.streamId ?? '';
    const stamp = {
      recordedAt: this.ledger.clock.recordedAt(),
      ...{ actor: by.actorId, unit: by.unit, cause: `setting:${limitId}` },
    };
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const versions = await this.ledger.store.streamVersions([streamId]);
      const [result] = await this.ledger.store.append(groupOf('', events, [], versions, stamp));
      if (result?.outcome === 'appended') return { position: Number(result.lastPosition) };
    }
    throw new Problem({
      status: 503,
      code: 'busy',
      title: '系统繁忙，请稍后再试',
      detail: '设置尚未生效，请稍后重发。',
    });
  }
}
