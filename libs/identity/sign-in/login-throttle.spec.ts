import { LoginThrottle } from './login-throttle.js';

const MINUTE = 60_000;

function failing(throttle: LoginThrottle, times: number, login = 'wei', atMs = 0): number {
  let wait = 0;
  for (let time = 0; time < times; time += 1) wait = throttle.begin(login, '10.0.0.1', atMs);
  return wait;
}

describe('logins', () => {
  it('go on for five failures, then wait one second, then twice as long each time', () => {
    const throttle = new LoginThrottle(true);
    expect(failing(throttle, 5)).toBe(0);
    let nowMs = 0;
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
      expect(throttle.begin('wei', '10.0.0.1', nowMs)).toBe(seconds);
      expect(throttle.begin('wei', '10.0.0.1', nowMs + seconds * 1000 - 1)).toBe(1);
      nowMs += seconds * 1000;
      expect(throttle.begin('wei', '10.0.0.1', nowMs)).toBe(0);
    }
  });

  it('do not wait for a clock that was set back, and are counted as before', () => {
    const throttle = new LoginThrottle(true);
    const setBackMs = 60 * MINUTE;
    failing(throttle, 8, 'wei', setBackMs);
    expect(throttle.begin('wei', '10.0.0.1', 0)).toBe(0);
    expect(throttle.begin('wei', '10.0.0.1', 0)).toBe(2);
  });

  it('of one user do not hold up another', () => {
    const throttle = new LoginThrottle(true);
    failing(throttle, 6);
    expect(throttle.begin('tan', '10.0.0.1', 0)).toBe(0);
  });

  it('begin anew after one that succeeded', () => {
    const throttle = new LoginThrottle(true);
    failing(throttle, 4);
    throttle.succeeded('wei', '10.0.0.1', 0);
    expect(failing(throttle, 5)).toBe(0);
    expect(failing(throttle, 1)).toBe(1);
  });

  it('begin anew half an hour after the last failure, and not before', () => {
    const throttle = new LoginThrottle(true);
    failing(throttle, 4);
    failing(throttle, 1, 'wei', 30 * MINUTE - 1);
    expect(failing(throttle, 1, 'wei', 30 * MINUTE - 1)).toBe(1);
    expect(failing(throttle, 5, 'wei', 60 * MINUTE)).toBe(0);
  });

  it('from one address wait after fifty failures, whoever they were for', () => {
    const throttle = new LoginThrottle(true);
    for (let user = 0; user < 50; user += 1) throttle.begin(`user-${user}`, '10.0.0.1', 0);
    expect(throttle.begin('wei', '10.0.0.1', 0)).toBe(1);
    expect(throttle.begin('wei', '10.0.0.2', 0)).toBe(0);
  });

  it('that succeed do not count against their address', () => {
    const throttle = new LoginThrottle(true);
    for (let user = 0; user < 200; user += 1) {
      expect(throttle.begin(`user-${user}`, '10.0.0.1', 0)).toBe(0);
      throttle.succeeded(`user-${user}`, '10.0.0.1', 0);
    }
  });

  it('that succeed leave what others of the address have to wait: no account is a way to guess at more', () => {
    const throttle = new LoginThrottle(true);
    for (let user = 0; user < 49; user += 1) throttle.begin(`user-${user}`, '10.0.0.1', 0);
    let nowMs = 1_000;
    for (let user = 50; user < 60; user += 1) {
      expect(throttle.begin('own', '10.0.0.1', nowMs)).toBe(0);
      // While one's own password is looked at.
      const guess = throttle.begin(`user-${user}`, '10.0.0.1', nowMs + 1);
      throttle.succeeded('own', '10.0.0.1', nowMs);
      if (guess > 0) return;
      nowMs += 10;
      if (throttle.begin('tan', '10.0.0.1', nowMs) > 0) return;
    }
    throw new Error('nobody ever had to wait');
  });

  it.each([
    ['2001:db8::1', '2001:db8::ffff', 1],
    ['2001:db8:0:0:1:2:3:4', '2001:DB8::9%eth0', 1],
    ['2001:db8::1', '2001:db8:0:1::1', 0],
    ['::ffff:10.0.0.1', '10.0.0.1', 1],
    ['::1', '10.0.0.1', 0],
  ])('from %s and %s are of one address or of two: then wait %i s', (one, other, waits) => {
    const throttle = new LoginThrottle(true);
    for (let user = 0; user < 50; user += 1) throttle.begin(`user-${user}`, one, 0);
    expect(throttle.begin('wei', other, 0)).toBe(waits);
  });

  it('that nobody looked at do not count, and leave what others have to wait', () => {
    const throttle = new LoginThrottle(true);
    for (let time = 0; time < 200; time += 1) {
      expect(throttle.begin('wei', '10.0.0.1', 0)).toBe(0);
      throttle.unjudged('wei', '10.0.0.1');
    }
    failing(throttle, 5);
    // Two were under way at once: the sixth failure stands.
    throttle.begin('wei', '10.0.0.1', 1_000);
    throttle.unjudged('wei', '10.0.0.1');
    expect(throttle.begin('wei', '10.0.0.1', 1_001)).toBe(1);
  });

  it('through a proxy, which has one address for all, are held up by user alone', () => {
    const throttle = new LoginThrottle(false);
    for (let user = 0; user < 200; user += 1) {
      expect(throttle.begin(`user-${user}`, '127.0.0.1', 0)).toBe(0);
    }
    expect(failing(throttle, 6)).toBe(1);
  });

  it('by more names than it remembers make it forget the oldest, not grow', () => {
    const throttle = new LoginThrottle(false);
    failing(throttle, 6);
    for (let user = 0; user < 10_000; user += 1) throttle.begin(`user-${user}`, '', 0);
    expect(throttle.begin('wei', '', 0)).toBe(0);
  });
});
