import type { LogState } from './open-notaries.js';

/** Two histories are what the whole proof is about: whoever looks after the machine must see it at once. */
export function failureOf(states: readonly LogState[]): string | null {
  for (const { log, state, failure, witnesses } of states) {
    if (state !== 'following' && state !== 'starting') return `${log}: ${state}: ${failure}`;
    const two = witnesses.find((one) => one.failure === 'ahead' || one.failure === 'disagrees');
    if (two) return `${log}: the witness ${two.name} ${two.failure}`;
  }
  return null;
}
