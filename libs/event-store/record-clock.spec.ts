import fc from 'fast-check';
import { HELD_MS_MAX, RecordClock } from './record-clock.js';

const NOON = Date.UTC(2018, 5, 1, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A machine: time goes by, and somebody sets its clock. */
function aMachine(startMs = NOON) {
  let [clockMs, steadyMs] = [startMs, 5_000];
  return {
    now: () => clockMs,
    steady: () => steadyMs,
    pass: (ms: number) => {
      clockMs += ms;
      steadyMs += ms;
    },
    set: (byMs: number) => {
      clockMs += byMs;
    },
  };
}

const clockOf = (machine: ReturnType<typeof aMachine>, lastMs = -Infinity): RecordClock =>
  new RecordClock(lastMs, machine.now, machine.steady);

describe('moments of record', () => {
  it('are those of the clock', () => {
    const machine = aMachine();
    const clock = clockOf(machine);
    expect(clock.recordedAt()).toBe('2018-06-01T12:00:00.000Z');
    machine.pass(1);
    expect(clock.moment()).toBe(NOON + 1);
    machine.set(HOUR);
    expect(clock.moment()).toBe(NOON + 1 + HOUR);
  });

  it('go on at half the pace when the clock is set back, until it has caught up', () => {
    const machine = aMachine();
    const clock = clockOf(machine);
    clock.moment();
    machine.set(-HOUR);
    expect(clock.moment()).toBe(NOON);
    machine.pass(HOUR);
    expect(clock.moment()).toBe(NOON + HOUR / 2);
    machine.pass(HOUR);
    expect(clock.moment()).toBe(NOON + HOUR);
    machine.pass(MINUTE);
    expect(clock.moment()).toBe(machine.now());
  });

  it('begin at the last record of the log, whatever the clock says after a start', () => {
    const machine = aMachine();
    const clock = clockOf(machine, NOON + HOUR);
    expect(clock.moment()).toBe(NOON + HOUR);
  });

  it('follow the clock all the same when the log has a moment more than a day ahead of it', () => {
    const machine = aMachine();
    expect(clockOf(machine, NOON + HELD_MS_MAX).moment()).toBe(NOON + HELD_MS_MAX);
    expect(clockOf(machine, NOON + HELD_MS_MAX + 1).moment()).toBe(NOON);
  });

  it('never run backwards, and go on, however often the clock is set by up to a day', () => {
    const step = fc.record({
      passMs: fc.integer({ min: 0, max: 2 * HOUR }),
      setMs: fc.integer({ min: -HOUR, max: HOUR }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const machine = aMachine();
        const clock = clockOf(machine);
        let last = clock.moment();
        for (const { passMs, setMs } of steps) {
          machine.pass(passMs);
          machine.set(setMs);
          const moment = clock.moment();
          expect(moment).toBeGreaterThanOrEqual(last + Math.floor(passMs / 2));
          expect(moment).toBeGreaterThanOrEqual(machine.now());
          last = moment;
        }
      }),
    );
  });

  it('go on also when they are asked for all the time', () => {
    const machine = aMachine();
    const clock = clockOf(machine);
    clock.moment();
    machine.set(-HOUR);
    for (let ms = 0; ms < 1_000; ms += 1) {
      machine.pass(1);
      clock.moment();
    }
    expect(clock.moment()).toBe(NOON + 500);
  });
});
