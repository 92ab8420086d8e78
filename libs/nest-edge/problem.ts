export type JsonValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export interface ProblemDetails {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Stable and kebab-case: what programs branch on. Renaming one is a new version of the API. */
  readonly code: string;
  /** What kind of problem it is, zh-CN, the same for every occurrence. */
  readonly title: string;
  readonly titleEn?: string;
  /** What is wrong this time and what to do about it, zh-CN. Never a person's data. */
  readonly detail: string;
  /** Further members of the document; a member RFC 9457 or `code` already names is ignored. */
  readonly extra?: { readonly [name: string]: JsonValue };
  /** Headers of the response, such as `retry-after` in seconds. */
  readonly headers?: { readonly [name: string]: string };
}

/** An attempt that was turned away. */
export interface Denial {
  readonly code: string;
  /** A region code, or null: never what was typed, which may be somebody's name. */
  readonly about: string | null;
}

/** Thrown anywhere below a controller: becomes an RFC 9457 answer with this status and code. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;

  /** What is kept about the attempt and never answered; null when nothing was denied. */
  denied: Denial | null = null;

  constructor(
    readonly details: ProblemDetails,
    options?: { readonly cause?: unknown },
  ) {
    super(details.detail, options);
    this.status = details.status;
    this.code = details.code;
  }

  /** Marks it as the answer to an attempt that was not allowed, whatever it says to the client. */
  denying(denied: Denial): this {
    this.denied = denied;
    return this;
  }
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** The document of RFC 9457 §3.1; `code` is our extension member (contract §3). */
export function problemDocument(details: ProblemDetails): { [name: string]: JsonValue } {
  return {
    ...details.extra,
    type: `urn:fundflow:problem:${details.code}`,
    title: details.title,
    ...(details.titleEn === undefined ? {} : { titleEn: details.titleEn }),
    status: details.status,
    code: details.code,
    detail: details.detail,
  };
}

interface StatusMeaning {
  readonly code: string;
  readonly title: string;
  readonly titleEn: string;
  readonly detail: string;
}

const MEANING_BY_STATUS: ReadonlyMap<number, StatusMeaning> = new Map(
  (
    [
      [
        400,
        'bad-request',
        '请求有误',
        'Bad request',
        '请核对请求的地址、字段和内容；各接口的说明见 /api/v1/openapi.json。',
      ],
      [
        401,
        'not-authenticated',
        '尚未登录或登录已失效',
        'Not authenticated',
        '请先登录（POST /api/v1/session）或出示有效的令牌。',
      ],
      [403, 'forbidden', '没有权限', 'Forbidden', '请由有此权限的人员办理，或请管理员调整角色。'],
      [
        404,
        'not-found',
        '未找到',
        'Not found',
        '请核对编号和地址；各接口的说明见 /api/v1/openapi.json。',
      ],
      [
        405,
        'method-not-allowed',
        '不支持的请求方法',
        'Method not allowed',
        '请改用该地址支持的方法；各接口的说明见 /api/v1/openapi.json。',
      ],
      [
        406,
        'not-acceptable',
        '无法提供所要求的格式',
        'Not acceptable',
        '请在 Accept 中改用该接口提供的格式。',
      ],
      [
        408,
        'request-timeout',
        '请求超时',
        'Request timeout',
        '请求未在限定时间内发完，请检查网络后重发。',
      ],
      [409, 'conflict', '与当前状态冲突', 'Conflict', '请刷新后再试。'],
      [412, 'precondition-failed', '前提条件不成立', 'Precondition failed', '请刷新后再试。'],
      [413, 'body-too-large', '请求内容过大', 'Content too large', '请分次提交，或缩小文件。'],
      [414, 'address-too-long', '请求地址过长', 'URI too long', '请缩短地址中的查询条件。'],
      [
        415,
        'unsupported-media-type',
        '不支持的内容类型',
        'Unsupported media type',
        '请以 application/json 提交；上传文件用 multipart/form-data。',
      ],
      [
        417,
        'expectation-failed',
        '不支持所要求的 Expect',
        'Expectation failed',
        '请去掉请求头 Expect。',
      ],
      [422, 'unprocessable', '请求无法处理', 'Unprocessable content', '请核对请求的内容。'],
      [429, 'too-many-requests', '请求过于频繁', 'Too many requests', '请稍后再试。'],
      [
        431,
        'headers-too-large',
        '请求头过大',
        'Request header fields too large',
        '请清除本站的 Cookie 后再试。',
      ],
      [500, 'internal', '系统内部错误', 'Internal error', '请稍后再试；仍不成功的，请告知管理员。'],
      [
        503,
        'unavailable',
        '服务暂不可用',
        'Service unavailable',
        '请稍后再试；已入账的记录不会丢失。',
      ],
    ] as const
  ).map(([status, code, title, titleEn, detail]) => [status, { code, title, titleEn, detail }]),
);

/** What a bare status means where nothing more precise is known; an unlisted one is `bad-request` or `internal`. */
export function problemOfStatus(status: number, detail?: string): Problem {
  const known = MEANING_BY_STATUS.get(status) ?? MEANING_BY_STATUS.get(status < 500 ? 400 : 500);
  if (known === undefined) throw new Error(`no meaning for status ${status}`);
  return new Problem({ status, ...known, ...(detail === undefined ? {} : { detail }) });
}
