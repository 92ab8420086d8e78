/*
 * What an HTTP client refuses to write: heads that two readers may understand differently, lengths that lie, chunks that
 * are none. Each takes a request as it would be written (lines of the head without their ends, and the body) and gives
 * the bytes that go out instead.
 */
type Twist = (head: readonly string[], body: Buffer) => Buffer;

const BEHIND = 'GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';

const written = (lines: readonly string[], body: Buffer | string, end = '\r\n'): Buffer =>
  Buffer.concat([
    Buffer.from([...lines, '', ''].join(end), 'latin1'),
    typeof body === 'string' ? Buffer.from(body) : body,
  ]);
const without = (head: readonly string[], name: string): string[] =>
  head.filter((line) => !line.toLowerCase().startsWith(`${name}:`));
const unmeasured = (head: readonly string[]): string[] => without(head, 'content-length');
const added =
  (...lines: string[]): Twist =>
  (head, body) =>
    written([...head, ...lines], body);
const encoded =
  (coding: string, framed: (body: Buffer) => string | Buffer): Twist =>
  (head, body) =>
    written([...unmeasured(head), `transfer-encoding: ${coding}`], framed(body));
const chunk = (body: Buffer, size = body.length.toString(16)): Buffer =>
  Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n')]);
const LAST = Buffer.from('0\r\n\r\n');
const firstLine =
  (change: (line: string) => string): Twist =>
  ([line = '', ...rest], body) =>
    written([change(line), ...rest], body);

const TWISTS: Readonly<Record<string, Twist>> = {
  'a length and chunks': (head, body) =>
    written(
      [...unmeasured(head), `content-length: ${BEHIND.length + 5}`, 'transfer-encoding: chunked'],
      Buffer.concat([body, LAST, Buffer.from(BEHIND)]),
    ),
  'two lengths': added('content-length: 0', 'content-length: 7'),
  'a length with a sign': (head, body) =>
    written([...unmeasured(head), 'content-length: +5'], body),
  'a length that is no number': (head, body) =>
    written([...unmeasured(head), 'content-length: 5, 5'], body),
  'a length beyond any number': (head, body) =>
    written([...unmeasured(head), `content-length: ${'9'.repeat(30)}`], body),
  'less than the length says': (head, body) =>
    written([...unmeasured(head), `content-length: ${body.length + 100}`], body),
  'more than the length says': (head, body) =>
    written([...head], Buffer.concat([body, Buffer.from(BEHIND)])),
  chunks: encoded('chunked', (body) => Buffer.concat([body.length ? chunk(body) : body, LAST])),
  'chunks, in another spelling': encoded('\tChunKed', (body) => Buffer.concat([chunk(body), LAST])),
  'chunks twice over': encoded('chunked, chunked', (body) => Buffer.concat([chunk(body), LAST])),
  'chunks of nobody knows what': encoded('xchunked', (body) => Buffer.concat([chunk(body), LAST])),
  'chunks that are identity': encoded('identity', (body) => body),
  'a chunk of a negative size': encoded('chunked', (body) => chunk(body, '-1')),
  'a chunk of more than any size': encoded('chunked', (body) => chunk(body, 'f'.repeat(20))),
  'a chunk with words behind it': encoded('chunked', (body) =>
    Buffer.concat([chunk(body, `${body.length.toString(16)};${'a'.repeat(20_000)}`), LAST]),
  ),
  'a chunk that does not end': encoded('chunked', (body) => chunk(body).subarray(0, -2)),
  'chunks with a trailer': encoded('chunked', (body) =>
    Buffer.concat([
      body.length ? chunk(body) : body,
      Buffer.from('0\r\ncookie: fundflow_session=x\r\ncontent-length: 9\r\n\r\n'),
    ]),
  ),
  'a folded header': added('x-a: 1', ' content-length: 9'),
  'a space before the colon': added('content-length : 3'),
  'a header without a colon': added('content-length 3'),
  'a header without a name': added(': 3'),
  'a NUL in a header': added('x-a: 1\0content-length: 3'),
  'a bare CR in a header': added('x-a: 1\rcontent-length: 3'),
  'lines ended by LF alone': (head, body) => written(head, body, '\n'),
  'lines ended by CR alone': (head, body) => written(head, body, '\r'),
  'no host': (head, body) => written(without(head, 'host'), body),
  'two hosts': added('host: evil.example'),
  'a host that is a path': (head, body) =>
    written([...without(head, 'host'), 'host: ../../x?y#z'], body),
  'two cookies': added('cookie: fundflow_session=a; fundflow_session=b', 'cookie: =; ;;='),
  'two types': added('content-type: application/json', 'content-type: text/plain'),
  'two keys': added('idempotency-key: a', 'idempotency-key: b'),
  'a thousand headers': added(...Array.from({ length: 1_000 }, (_, n) => `x-${n}: 1`)),
  'a header that is too long': added(`x-a: ${'a'.repeat(70_000)}`),
  'a prototype as a header': added('__proto__: x', 'constructor: x', 'toString: x'),
  'an expectation': added('expect: 100-continue'),
  'an expectation of nobody knows what': added('expect: a-wonder'),
  'an upgrade to a web socket': added(
    ...['upgrade: websocket', 'connection: Upgrade', 'sec-websocket-version: 13'],
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  ),
  'an upgrade to HTTP/2': added('upgrade: h2c', 'connection: Upgrade, HTTP2-Settings'),
  'the opening of HTTP/2': () =>
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'),
  'HTTP/1.0': firstLine((line) => line.replace('HTTP/1.1', 'HTTP/1.0')),
  'HTTP/0.9': firstLine((line) => line.replace(' HTTP/1.1', '')),
  'HTTP/9.9': firstLine((line) => line.replace('HTTP/1.1', 'HTTP/9.9')),
  'a version that is none': firstLine((line) => line.replace('HTTP/1.1', 'HTTP/1.1.1')),
  'an absolute address': firstLine((line) => line.replace(' /', ' http://evil.example/')),
  'an address of the whole server': firstLine((line) => line.replace(/ \S* HTTP/, ' * HTTP')),
  'an address of nothing but a host': firstLine((line) => line.replace(/ \S* HTTP/, ' x:443 HTTP')),
  CONNECT: firstLine((line) => line.replace(/^\S+ \S*/, 'CONNECT 127.0.0.1:22')),
  'an address that is too long': firstLine((line) =>
    line.replace(' HTTP', `${'a'.repeat(20_000)} HTTP`),
  ),
  'a method in small letters': firstLine((line) => line.toLowerCase()),
  'bytes of a handshake of TLS': () => Buffer.from('160301020001000001fc0303', 'hex'),
  'two requests at once': (head, body) =>
    Buffer.concat([written(without(head, 'connection'), body), Buffer.from(BEHIND)]),
};

export const TWIST_NAMES: readonly string[] = Object.keys(TWISTS);

/** Of these the end never comes; their connection is half closed as soon as they are written. */
const UNENDED: ReadonlySet<string> = new Set([
  ...['less than the length says', 'a chunk that does not end', 'lines ended by CR alone'],
]);

/** How many answers these bytes may be given: two where they are meant as two requests, or ask for a 100 before. */
const ANSWERS: Readonly<Record<string, number>> = {
  'two requests at once': 2,
  'an expectation': 2,
};

export interface Twisted {
  readonly bytes: Buffer;
  readonly isUnended: boolean;
  readonly answersMax: number;
}

export const twisted = (name: string, head: readonly string[], body: Buffer): Twisted => ({
  bytes: (TWISTS[name] as Twist)(head, body),
  isUnended: UNENDED.has(name),
  answersMax: ANSWERS[name] ?? 1,
});
