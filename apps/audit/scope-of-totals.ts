import type { RegionCode, RegionTable } from '@fundflow/domain/region';
import type { Question } from '@fundflow/queries/question';

/**
 * What a total counts (口径, zh-CN): said beside every total, since totals of other scopes must not be added to it or held
 * against it.
 */
export function scopeOfTotals(
  regions: Pick<RegionTable, 'nameOf'>,
  region: RegionCode,
  { asOf, knownAt }: Question,
): string {
  const name = regions.nameOf(region);
  const known = knownAt === null ? '已入账的全部记录' : ` ${knownAt} 前入账的记录`;
  return (
    `口径：${name === null ? '' : `${name}（`}${region}${name === null ? '' : '）'}及其所辖；` +
    `截至 ${asOf}，以${known}为准；本账本登记的各级各类资金合计，未入账的不在其内。`
  );
}
