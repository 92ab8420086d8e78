import type { Officer } from '@fundflow/domain/submission/submission';
import type { Principal } from '@fundflow/identity/principal';

export const officerOf = ({ actorId, unit, region }: Principal): Officer => ({
  id: actorId,
  unit,
  region,
});
