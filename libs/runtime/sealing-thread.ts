import { parentPort } from 'node:worker_threads';
import { sealPerson } from '@fundflow/submissions/people/sealed-person';
import { sealPeople } from '@fundflow/submissions/people/people-to-seal';
import { type RowToReseal, rowUnder } from '@fundflow/vault/row-under';
import { SealBroken } from '@fundflow/vault/seal';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import { type ResealingOrder, rowsArrived, sealedWritten } from './reseal-order.js';
import { type BlockOrder, peopleOf, type SealingOrder, writtenDown } from './seal-apart.js';
import { arrivedKeys } from './thread-keys.js';

/*
 * The thread behind `SealingThread`.
 */
const port = parentPort;
if (!port) throw new Error('this is the program of a thread');

/** Null where it does not open with the key that is current: whoever asks may have an older one. */
function sealedAnew(row: RowToReseal, keys: VaultKeys): Buffer | null {
  try {
    return rowUnder(row.held, row, keys);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

function answerTo(order: SealingOrder | ResealingOrder | BlockOrder) {
  const keys = arrivedKeys(order.keys);
  if ('inPlace' in order) {
    sealPeople(order.bytes, order.inPlace, keys, order.held);
    return { bytes: order.bytes };
  }
  return 'people' in order
    ? writtenDown(peopleOf(order.people).map(({ id, values }) => sealPerson(id, values, keys)))
    : sealedWritten(rowsArrived(order).map((row) => sealedAnew(row, keys)));
}

port.on('message', (order: SealingOrder | ResealingOrder | BlockOrder) => {
  const answer = answerTo(order);
  port.postMessage({ number: order.number, ...answer }, [answer.bytes.buffer as ArrayBuffer]);
});
