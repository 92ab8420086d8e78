const NAME = 'fundflow_session';
/** Over TLS no other host and no plain page can set or replace it (RFC 6265bis). */
const NAME_OVER_TLS = `__Host-${NAME}`;

/** A token of ours; anything else is not looked up. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const nameOf = (overTls: boolean): string => (overTls ? NAME_OVER_TLS : NAME);

/** The session token among the cookies of a request, else null. */
export function sessionToken(cookieHeader: string | undefined, overTls: boolean): string | null {
  if (cookieHeader === undefined) return null;
  const start = `${nameOf(overTls)}=`;
  for (const pair of cookieHeader.split(';')) {
    const text = pair.trim();
    if (!text.startsWith(start)) continue;
    const token = text.slice(start.length);
    return TOKEN.test(token) ? token : null;
  }
  return null;
}

const BEARER = /^bearer +(.*)$/i;

/** The bearer token of a request: null when it shows none, the empty text when what it shows is no token of ours. */
export function bearerToken(authorization: string | undefined): string | null {
  const shown = authorization === undefined ? null : BEARER.exec(authorization);
  if (shown === null) return null;
  return TOKEN.test(shown[1] ?? '') ? (shown[1] ?? '') : '';
}

/**
 * Unreadable to scripts, sent to this site alone, gone with the browser; the server ends it earlier. `Secure` only where
 * the ledger is reached over TLS: a browser drops such a cookie over plain HTTP, and loopback has nothing else.
 */
export function sessionCookie(token: string, overTls: boolean): string {
  return `${nameOf(overTls)}=${token}; Path=/; HttpOnly; SameSite=Strict${overTls ? '; Secure' : ''}`;
}

export function endedSessionCookie(overTls: boolean): string {
  return `${sessionCookie('', overTls)}; Max-Age=0`;
}
