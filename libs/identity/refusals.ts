import { Problem, type ProblemDetails } from '@fundflow/nest-edge/problem';
import type { RolesRefusal } from './policy.js';

const refusal = (details: ProblemDetails) => new Problem(details);

export const notAuthenticated = () =>
  refusal({
    status: 401,
    code: 'not-authenticated',
    title: '尚未登录或登录已失效',
    titleEn: 'Not authenticated',
    detail: '请先登录（POST /api/v1/session）或出示有效的令牌。',
    headers: { 'www-authenticate': 'Bearer realm="fundflow"' },
  });

export const notAllowed = (action: string) =>
  refusal({
    status: 403,
    code: 'not-allowed',
    title: '没有此项权限',
    titleEn: 'Not allowed',
    detail: '您的角色不能办理此事：请由有此权限的人员办理，或请管理员调整角色。',
    extra: { action },
  }).denying({ code: 'not-allowed', about: null });

export const passwordChangeRequired = () =>
  refusal({
    status: 403,
    code: 'password-change-required',
    title: '须先修改初始密码',
    titleEn: 'Password change required',
    detail:
      '当前密码由管理员设定，须先修改：npx fundflow password，或 PUT /api/v1/session/password。',
  });

export const secondFactorRequired = () =>
  refusal({
    status: 403,
    code: 'second-factor-enrolment-required',
    title: '须先绑定第二因素',
    titleEn: 'Second factor enrolment required',
    detail: '您的角色须使用动态口令，请先以 POST /api/v1/session/second-factor 绑定。',
  });

/** One answer for an unknown user, a wrong password and a disabled account: which it was is nobody's business. */
export const badCredentials = () =>
  refusal({
    status: 401,
    code: 'bad-credentials',
    title: '用户名或密码不正确',
    titleEn: 'Bad credentials',
    detail: '请核对用户名和密码；忘记密码的，请管理员重设。',
  });

export const tooManyAttempts = (seconds: number) =>
  refusal({
    status: 429,
    code: 'too-many-attempts',
    title: '登录失败次数过多',
    titleEn: 'Too many attempts',
    detail: `请在 ${seconds} 秒后再试。`,
    headers: { 'retry-after': String(seconds) },
  });

export const busy = () =>
  refusal({
    status: 503,
    code: 'busy',
    title: '登录请求过多，请稍后再试',
    titleEn: 'Busy',
    headers: { 'retry-after': '2' },
  });

export const tooManyQuestions = (atOnceMax: number) =>
  refusal({
    status: 429,
    code: 'too-many-questions',
    title: '同时进行的查询过多',
    titleEn: 'Too many questions at once',
    detail: `追踪、明细、检索和证据包每人最多同时进行 ${atOnceMax} 项，请待前一项完成后再试。`,
    headers: { 'retry-after': '2' },
  });

/** @param about region code that was asked about, for those who watch over access */
export const outOfJurisdiction = (about: string | null = null) =>
  refusal({
    status: 403,
    code: 'out-of-jurisdiction',
    title: '不在管辖地区之内',
    titleEn: 'Out of jurisdiction',
  }).denying({ code: 'out-of-jurisdiction', about });

export const noSuchUser = () =>
  refusal({ status: 404, code: 'no-such-user', title: '没有这个用户', titleEn: 'No such user' });

export const noSuchToken = () =>
  refusal({ status: 404, code: 'no-such-token', title: '没有这个令牌', titleEn: 'No such token' });

export const loginTaken = () =>
  refusal({ status: 409, code: 'login-taken', title: '用户名已被使用', titleEn: 'Login taken' });

export const ownAccount = () =>
  refusal({
    status: 409,
    code: 'own-account',
    title: '不能停用或改动自己的账户',
    titleEn: 'Own account',
    detail: '请由另一位管理员操作；这样总有一位管理员在任。',
  });

export const notASystem = () =>
  refusal({
    status: 409,
    code: 'not-a-system',
    title: '令牌只发给系统账户，密码只属于人员账户',
    titleEn: 'Not a system',
  });

export type WeakPasswordRule = 'length' | 'login' | 'variety' | 'common' | 'context';

export const weakPassword = (rule: WeakPasswordRule, detail: string) =>
  refusal({
    status: 400,
    code: 'weak-password',
    title: '密码不符合要求',
    titleEn: 'Weak password',
    detail,
    extra: { rule },
  });

export const noSuchGrant = () =>
  refusal({ status: 404, code: 'no-such-grant', title: '没有这项授权', titleEn: 'No such grant' });

export const alreadyDecided = () =>
  refusal({
    status: 409,
    code: 'already-decided',
    title: '该项授权已有决定',
    titleEn: 'Already decided',
  });

export const proposalLapsed = () =>
  refusal({ status: 409, code: 'proposal-lapsed', title: '申请已过期', titleEn: 'Lapsed' });

export const secondPersonNeeded = () =>
  refusal({
    status: 403,
    code: 'second-person-needed',
    title: '须由另一人批准',
    titleEn: 'A second person is needed',
    detail: '提出人和被授权人都不能自行批准。',
  });

export const notAnInspector = () =>
  refusal({
    status: 409,
    code: 'not-an-inspector',
    title: '案件授权只给检查人员',
    titleEn: 'Not an inspector',
  });

export const codeNeeded = () =>
  refusal({
    status: 401,
    code: 'second-factor-required',
    title: '请输入动态口令',
    titleEn: 'Second factor required',
    detail: '请在请求中加上 code：动态口令，或一次性恢复码。',
  });

export const badSecondFactor = () =>
  refusal({
    status: 401,
    code: 'bad-second-factor',
    title: '动态口令不正确或已使用过',
    titleEn: 'Bad second factor',
  });

export const alreadyEnrolled = () =>
  refusal({
    status: 409,
    code: 'second-factor-enrolled',
    title: '已绑定第二因素',
    titleEn: 'Second factor enrolled',
  });

export const notEnrolled = () =>
  refusal({
    status: 409,
    code: 'second-factor-not-begun',
    title: '尚未绑定第二因素',
    titleEn: 'No second factor',
  });

export const unknownSignIn = () =>
  refusal({
    status: 400,
    code: 'unknown-sign-in',
    title: '登录过程已失效，请重新开始',
    titleEn: 'Unknown sign-in',
  });

export const oidcRefused = (cause?: unknown) =>
  new Problem(
    {
      status: 401,
      code: 'oidc-refused',
      title: '身份认证系统未确认您的身份',
      titleEn: 'The identity provider did not confirm you',
    },
    { cause },
  );

export const oidcUnavailable = (cause: unknown) =>
  new Problem(
    {
      status: 503,
      code: 'identity-provider-unavailable',
      title: '身份认证系统暂时无法访问',
      titleEn: 'Identity provider unavailable',
      headers: { 'retry-after': '10' },
    },
    { cause },
  );

export const notConnected = () =>
  refusal({
    status: 403,
    code: 'identity-not-connected',
    title: '该身份尚未与任何账户关联',
    titleEn: 'Identity not connected',
    detail: '请先以用户名和密码登录，再关联本单位的身份。',
  });

export const identityTaken = () =>
  refusal({
    status: 409,
    code: 'identity-taken',
    title: '该身份或账户已有关联',
    titleEn: 'Identity taken',
  });

const badValue = (field: string, message: string) =>
  refusal({
    status: 400,
    code: 'bad-value',
    title: '请求中有不正确的值',
    titleEn: 'Bad value',
    detail: `${field}：${message}`,
    extra: { fields: [{ field, rule: field, message }] },
  });

export const badLogin = () =>
  badValue('login', '须以字母或数字开头，2 至 64 个字母、数字、点、横线或下划线');
export const badRegion = () => badValue('region', '不是行政区划代码');
export const badUntil = (days: number) => badValue('until', `须为未来的时刻，最长 ${days} 天`);
export const passwordByTwo = () =>
  badValue('password', '须由另一位管理员批准，密码在批准时随机生成，请勿指定');
export const badUnit = () => badValue('unit', '须为 1 至 100 个字符');

const ROLE_MESSAGES: { readonly [R in RolesRefusal]: string } = {
  'no-role': '至少一个角色',
  'role-repeated': '角色有重复',
  'not-together': '管理员、审计员不得兼任其他角色',
  'system-acts-for-nobody': '系统账户只能填报或查询',
};

export const badRoles = (why: RolesRefusal) => badValue('roles', ROLE_MESSAGES[why]);
export const kindFixed = () => badValue('roles', '人员账户与系统账户不能互换');

export const badSetupToken = () =>
  refusal({
    status: 401,
    code: 'bad-setup-token',
    title: '一次性口令不正确',
    titleEn: 'Bad setup token',
    detail: '请使用服务启动时显示的一次性口令；重启服务会换发新的。',
  });

export const setUpAlready = () =>
  refusal({
    status: 409,
    code: 'set-up-already',
    title: '系统已初始化',
    titleEn: 'Already set up',
  });

export const notRecorded = (cause: unknown) =>
  new Problem(
    {
      status: 503,
      code: 'not-recorded',
      title: '查阅记录未能写入，暂不提供数据',
      titleEn: 'Could not be recorded',
      detail: '个人信息和导出须先留痕，请稍后再试。',
      headers: { 'retry-after': '2' },
    },
    { cause },
  );
