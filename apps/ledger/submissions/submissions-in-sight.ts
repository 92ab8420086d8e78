import type { Principal } from '@fundflow/identity/principal';
import { scopeOf, type Scope } from '@fundflow/identity/scope';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { LedgerProcess } from '@fundflow/runtime/open-process';

/** Submissions as somebody may see them: of the jurisdiction, and what he handed in himself wherever that was. */
export class SubmissionsInSight {
  constructor(private readonly ledger: Pick<LedgerProcess, 'within' | 'regions'>) {}

  get regions(): LedgerProcess['regions'] {
    return this.ledger.regions;
  }

  scopeOf(asker: Principal): Scope {
    return scopeOf(asker, 'follow-submissions', Date.now());
  }

  of(asker: Principal): ScopedReads {
    return this.ledger.within(this.scopeOf(asker), asker.actorId);
  }
}
