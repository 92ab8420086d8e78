import { isUtf8 } from 'node:buffer';
import type { EdgeRequest, EdgeServer } from './edge-request.js';
import { Problem } from './problem.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const COLON = 0x3a;

/**
 * How many members the objects of a JSON text have together, or null where it is nested deeper than `depthMax`. Looked
 * at before parsing: what walks the parsed value afterwards (validation, transformation) recurses, and a deep body would
 * overflow its stack.
 */
export function membersWritten(json: Uint8Array, depthMax: number): number | null {
  let depth = 0;
  let members = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COLON) members += 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > depthMax) return null;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return members;
}

/**
 * How many members a parsed value has, or null where one object has more than `membersMax`. Fewer than were written: a
 * name stood twice in an object, and which of the two counts is a matter of taste between parsers. Recurses as deep as
 * the text was.
 */
export function membersKept(value: unknown, membersMax: number): number | null {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value);
  if (!Array.isArray(value) && inner.length > membersMax) return null;
  let members = Array.isArray(value) ? 0 : inner.length;
  for (const one of inner) {
    const below = membersKept(one, membersMax);
    if (below === null) return null;
    members += below;
  }
  return members;
}

const badJson = (detail: string) =>
  new Problem({
    status: 400,
    code: 'bad-json',
    title: '请求内容不是有效的 JSON',
    titleEn: 'Bad JSON',
    detail,
  });

export interface JsonBodySettings {
  readonly bytesMax: number;
  readonly depthMax: number;
  /** Of one object. */
  readonly membersMax: number;
}

/**
 * Accepts application/json and nothing else (multipart is registered beside it): a form or text/plain is what a foreign
 * web page can send without asking, so neither is parsed.
 *
 * Refuses, first match wins: body-too-large, bad-json (not UTF-8, too deep, not JSON, a key `__proto__` or
 * `constructor.prototype`, an object with too many members, a name twice in an object). An empty body is `undefined`, and the validation says what is missing.
 */
export function acceptJsonBodies(server: EdgeServer, settings: JsonBodySettings): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: settings.bytesMax },
    (request, body, done) => {
      if (request.headers['idempotency-key'] !== undefined) {
        (request as EdgeRequest).rawBody = body;
      }
      if (body.length === 0) return done(null, undefined);
      if (!isUtf8(body)) return done(badJson('请求内容须为 UTF-8 编码。'));
      const written = membersWritten(body, settings.depthMax);
      if (written === null) {
        return done(badJson(`嵌套层数超过上限 ${settings.depthMax}。`));
      }
      return parse(request, body.toString('utf8'), (error, value) => {
        if (error) return done(badJson('无法解析，或含有不允许的键名。'));
        const kept = membersKept(value, settings.membersMax);
        if (kept === null)
          return done(badJson(`一个对象的字段数超过上限 ${settings.membersMax}。`));
        if (kept !== written) return done(badJson('同一对象中有重复的键名。'));
        return done(null, value);
      });
    },
  );
}
