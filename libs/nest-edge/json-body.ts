import { isUtf8 } from 'node:buffer';
import type { EdgeRequest, EdgeServer } from './edge-request.js';
import { Problem } from './problem.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Whether arrays and objects are nested deeper than `depthMax` in a JSON text. Looked at before parsing: what walks the
 * parsed value afterwards (validation, transformation) recurses, and a deep body would overflow its stack.
 */
export function isDeeperThan(json: Uint8Array, depthMax: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return false;
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
}

/**
 * Accepts application/json and nothing else (multipart is registered beside it): a form or text/plain is what a foreign
 * web page can send without asking, so neither is parsed.
 *
 * Refuses, first match wins: body-too-large, bad-json (not UTF-8, too deep, not JSON, or a key `__proto__` or
 * `constructor.prototype`). An empty body is `undefined`, and the validation says what is missing.
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
      if (isDeeperThan(body, settings.depthMax)) {
        return done(badJson(`嵌套层数超过上限 ${settings.depthMax}。`));
      }
      return parse(request, body.toString('utf8'), (error, value) => {
        if (error) done(badJson('无法解析，或含有不允许的键名。'));
        else done(null, value);
      });
    },
  );
}
