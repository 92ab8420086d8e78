import { newToken } from '../sign-in/secret-token.js';
import { bearerToken, endedSessionCookie, sessionCookie, sessionToken } from './session-cookie.js';

const token = newToken();

describe('the session cookie', () => {
  it.each([
    [undefined, null],
    ['', null],
    [`fundflow_session=${token}`, token],
    [`a=1; fundflow_session=${token}; b=2`, token],
    [`a=1;fundflow_session=${token}`, token],
    [`x_fundflow_session=${token}`, null],
    [`fundflow_session=${token}x`, null],
    [`fundflow_session="${token}"`, null],
    ['fundflow_session=', null],
    [`a=fundflow_session=${token}`, null],
  ])('of %s is %s', (header, expected) => expect(sessionToken(header, false)).toBe(expected));

  it('over TLS is the one that only this host can have set', () => {
    const pair = `fundflow_session=${token}`;
    expect(sessionToken(pair, true)).toBeNull();
    expect(sessionToken(`${pair}; __Host-${pair}`, true)).toBe(token);
    expect(sessionToken(`__Host-${pair}`, false)).toBeNull();
  });

  it('is for this site and this server alone, and Secure exactly over TLS', () => {
    const plain = `fundflow_session=${token}; Path=/; HttpOnly; SameSite=Strict`;
    expect(sessionCookie(token, false)).toBe(plain);
    expect(sessionCookie(token, true)).toBe(`__Host-${plain}; Secure`);
    expect(endedSessionCookie(false)).toMatch(/^fundflow_session=; .*Max-Age=0$/);
  });
});

describe('a bearer token', () => {
  it.each([
    [undefined, null],
    [`Bearer ${token}`, token],
    [`bearer ${token}`, token],
    [`Basic ${token}`, null],
    [`Bearer ${token} x`, ''],
    ['Bearer ', ''],
  ])('of %s is %s', (header, expected) => expect(bearerToken(header)).toBe(expected));
});
