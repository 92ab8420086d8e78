import { Unhealthy } from '@fundflow/nest-edge/health/health-registry';
import type { LogState } from './open-notaries.js';

/** For the log of the program, and for anybody (zh-CN). */
interface Fault {
  readonly failure: string;
  readonly words: string;
}

const WORDS = {
  refused: '拒绝签名：账本与此前签署的不符',
  retrying: '暂时不能签名，正在重试',
  stopped: '已停止签名',
} as const;

const SEEN = { ahead: '见过更长的账本', disagrees: '见过另一个账本' } as const;

/** Two histories are what the whole proof is about: whoever looks after the machine must see it at once. */
function faultOf(states: readonly LogState[]): Fault | null {
  for (const { log, state, failure, witnesses } of states) {
    if (state !== 'following' && state !== 'starting') {
      return { failure: `${log}: ${state}: ${failure}`, words: `${log}：${WORDS[state]}` };
    }
    for (const { name, failure: seen } of witnesses) {
      if (seen !== 'ahead' && seen !== 'disagrees') continue;
      const words = `${log}：见证人 ${name} ${SEEN[seen]}`;
      return { failure: `${log}: the witness ${name} ${seen}`, words };
    }
  }
  return null;
}

/** What is wrong, for the log of the program; null: nothing. */
export const failureOf = (states: readonly LogState[]): string | null =>
  faultOf(states)?.failure ?? null;

/** @throws Unhealthy when something is wrong, or the notary's thread has ended */
export async function checkNotary(
  ended: string | null,
  states: readonly LogState[],
): Promise<void> {
  if (ended !== null) throw new Unhealthy(WORDS.stopped, { cause: new Error(ended) });
  const fault = faultOf(states);
  if (fault !== null) throw new Unhealthy(fault.words, { cause: new Error(fault.failure) });
}
