import { Turns } from './turns.js';

const full = new Error('full');

interface Piece {
  readonly done: Promise<unknown>;
  readonly finish: () => void;
}

describe('turns', () => {
  it('run two at once, the others in order, and send away who finds the queue full', async () => {
    const turns = new Turns({ atOnceMax: 2, waitingMax: 3, refusal: () => full });
    const begun: number[] = [];
    const pieces = [0, 1, 2, 3, 4].map((number): Piece => {
      let finish: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (finish = resolve));
      const done = turns.take(() => {
        begun.push(number);
        return gate;
      });
      return { done, finish };
    });
    await expect(turns.take(async () => 'sixth')).rejects.toBe(full);
    expect(begun).toEqual([0, 1]);
    for (const [number, piece] of pieces.entries()) {
      piece.finish();
      await piece.done;
      expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, Math.min(number + 3, 5)));
    }
    expect(await turns.take(async () => 'later')).toBe('later');
  });

  it('are given back by work that fails', async () => {
    const turns = new Turns({ atOnceMax: 1, waitingMax: 0, refusal: () => full });
    await expect(turns.take(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await turns.take(async () => 'next')).toBe('next');
  });
});
