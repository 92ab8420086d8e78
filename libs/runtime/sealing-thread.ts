import { parentPort } from 'node:worker_threads';
import { sealPerson } from '@fundflow/submissions/handed-in';
import { peopleOf, type SealingAnswer, type SealingOrder, writtenDown } from './seal-apart.js';
import { arrivedKeys } from './thread-keys.js';

/*
 * The thread behind `SealingThread`.
 */
const port = parentPort;
if (!port) throw new Error('this is the program of a thread');

port.on('message', ({ number, keys: given, people }: SealingOrder) => {
  const keys = arrivedKeys(given);
  const sealed = peopleOf(people).map(({ id, values }) => sealPerson(id, values, keys));
  const answer: SealingAnswer = { number, ...writtenDown(sealed) };
  port.postMessage(answer, [answer.bytes.buffer as ArrayBuffer]);
});
