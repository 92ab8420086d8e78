import { isDay } from '@fundflow/domain/calendar';
import { parseRegion, type RegionCode } from '@fundflow/domain/region';
import { badRegion } from '@fundflow/identity/refusals';
import { badValue } from '@fundflow/nest-edge/validation';

/** @throws Problem 400 `bad-value` */
export function regionOf(body: { readonly region: string }): RegionCode {
  const region = parseRegion(body.region);
  if (region === null) throw badRegion();
  return region;
}

/** @throws Problem 400 `bad-value` */
export function dayOf({ validFrom }: { readonly validFrom: string }): string {
  if (isDay(validFrom)) return validFrom;
  throw badValue([{ field: 'validFrom', rule: 'day', message: '不是存在的日期' }]);
}
