import { Problem, type ProblemDetails } from '@fundflow/nest-edge/problem';
import type { RolesRefusal } from './policy.js';

const refusal = (details: ProblemDetails) => new Problem(details);

export const notAuthenticated = () =>
  refusal({
    ...{ status: 401, code: 'not-authenticated', titleEn: 'Not authenticated' },
    title: '尚未登录或登录已失效',
    detail: '请先登录（POST /api/v1/session）或出示有效的令牌。',
    headers: { 'www-authenticate': 'Bearer realm="fundflow"' },
  });

export const notAllowed = (action: string) =>
  refusal({
    ...{ status: 403, code: 'not-allowed', titleEn: 'Not allowed' },
    title: '没有此项权限',
    detail: '您的角色不能办理此事：请由有此权限的人员办理，或请管理员调整角色。',
    extra: { action },
  }).denying({ code: 'not-allowed', about: null });

export const passwordChangeRequired = () =>
  refusal({
    ...{ status: 403, code: 'password-change-required', titleEn: 'Password change required' },
    title: '须先修改初始密码',
    detail:
      '当前密码由管理员设定，须先修改：npx fundflow password，或 PUT /api/v1/session/password。',
  });

export const secondFactorRequired = () =>
  refusal({
    ...{
      status: 403,
      code: 'second-factor-enrolment-required',
      titleEn: 'Second factor enrolment required',
    },
    title: '须先绑定第二因素',
    detail: '您的角色须使用动态口令，请先以 POST /api/v1/session/second-factor 绑定。',
  });

/** One answer for an unknown user, a wrong password and a disabled account: which it was is nobody's business. */
export const badCredentials = () =>
  refusal({
    ...{ status: 401, code: 'bad-credentials', titleEn: 'Bad credentials' },
    title: '用户名或密码不正确',
    detail: '请核对用户名和密码；忘记密码的，请管理员重设。',
  });

export const tooManyAttempts = (seconds: number) =>
  refusal({
    ...{ status: 429, code: 'too-many-attempts', titleEn: 'Too many attempts' },
    title: '登录失败次数过多',
    detail: `请在 ${seconds} 秒后再试。`,
    headers: { 'retry-after': String(seconds) },
  });

export const busy = () =>
  refusal({
    ...{ status: 503, code: 'busy', titleEn: 'Busy' },
    title: '登录请求过多，请稍后再试',
    detail: '请稍等片刻再登录；输入的密码没有问题。',
    headers: { 'retry-after': '2' },
  });

export const tooManyQuestions = (atOnceMax: number) =>
  refusal({
    ...{ status: 429, code: 'too-many-questions', titleEn: 'Too many questions at once' },
    title: '同时进行的查询过多',
    detail: `追踪、明细、检索和证据包每人最多同时进行 ${atOnceMax} 项，请待前一项完成后再试。`,
    headers: { 'retry-after': '2' },
  });

/** @param about region code that was asked about, for those who watch over access */
export const outOfJurisdiction = (about: string | null = null) =>
  refusal({
    ...{ status: 403, code: 'out-of-jurisdiction', titleEn: 'Out of jurisdiction' },
    title: '不在管辖地区之内',
    detail: '只能办理、查询本管辖地区及其下级的事项；其他地区请由有管辖权的单位办理。',
  }).denying({ code: 'out-of-jurisdiction', about });

export const noSuchUser = () =>
  refusal({
    ...{ status: 404, code: 'no-such-user', titleEn: 'No such user' },
    title: '没有这个用户',
    detail: '请核对用户；只列出本管辖地区的用户（GET /api/v1/users）。',
  });

export const noSuchToken = () =>
  refusal({
    ...{ status: 404, code: 'no-such-token', titleEn: 'No such token' },
    title: '没有这个令牌',
    detail: '请核对令牌编号（GET /api/v1/tokens）；已吊销的不再列出。',
  });

export const loginTaken = () =>
  refusal({
    ...{ status: 409, code: 'login-taken', titleEn: 'Login taken' },
    title: '用户名已被使用',
    detail: '请另取用户名。',
  });

export const ownAccount = () =>
  refusal({
    ...{ status: 409, code: 'own-account', titleEn: 'Own account' },
    title: '不能停用或改动自己的账户',
    detail: '请由另一位管理员操作；这样总有一位管理员在任。',
  });

export const notASystem = () =>
  refusal({
    ...{ status: 409, code: 'not-a-system', titleEn: 'Not a system' },
    title: '令牌只发给系统账户，密码只属于人员账户',
    detail: '要令牌请另建系统账户；人员请用密码登录。',
  });

export type WeakPasswordRule = 'length' | 'login' | 'variety' | 'common' | 'context';

export const weakPassword = (rule: WeakPasswordRule, detail: string) =>
  refusal({
    ...{ status: 400, code: 'weak-password', titleEn: 'Weak password' },
    title: '密码不符合要求',
    detail,
    extra: { rule },
  });

export const noSuchGrant = () =>
  refusal({
    ...{ status: 404, code: 'no-such-grant', titleEn: 'No such grant' },
    title: '没有这项授权',
    detail: '请核对编号（GET /api/v1/grants，或 npx fundflow grants list）。',
  });

export const alreadyDecided = () =>
  refusal({
    ...{ status: 409, code: 'already-decided', titleEn: 'Already decided' },
    title: '该项授权已有决定',
    detail: '不必重复办理；请刷新列表查看结果。',
  });

export const proposalLapsed = () =>
  refusal({
    ...{ status: 409, code: 'proposal-lapsed', titleEn: 'Lapsed' },
    title: '申请已过期',
    detail: '请重新提出。',
  });

export const secondPersonNeeded = () =>
  refusal({
    ...{ status: 403, code: 'second-person-needed', titleEn: 'A second person is needed' },
    title: '须由另一人批准',
    detail: '提出人和被授权人都不能自行批准。',
  });

export const notAnInspector = () =>
  refusal({
    ...{ status: 409, code: 'not-an-inspector', titleEn: 'Not an inspector' },
    title: '案件授权只给检查人员',
    detail: '请核对被授权人；角色由管理员调整。',
  });

export const codeNeeded = () =>
  refusal({
    ...{ status: 401, code: 'second-factor-required', titleEn: 'Second factor required' },
    title: '请输入动态口令',
    detail: '请在请求中加上 code：动态口令，或一次性恢复码。',
  });

export const badSecondFactor = () =>
  refusal({
    ...{ status: 401, code: 'bad-second-factor', titleEn: 'Bad second factor' },
    title: '动态口令不正确或已使用过',
    detail:
      '请待下一个动态口令，核对设备时钟后再试；设备丢失的，用一次性恢复码或请管理员解除绑定。',
  });

export const alreadyEnrolled = () =>
  refusal({
    ...{ status: 409, code: 'second-factor-enrolled', titleEn: 'Second factor enrolled' },
    title: '已绑定第二因素',
    detail: '更换设备请先解除绑定（DELETE /api/v1/session/second-factor）。',
  });

export const notEnrolled = () =>
  refusal({
    ...{ status: 409, code: 'second-factor-not-begun', titleEn: 'No second factor' },
    title: '尚未绑定第二因素',
    detail: '请先绑定（POST /api/v1/session/second-factor）。',
  });

export const unknownSignIn = () =>
  refusal({
    ...{ status: 400, code: 'unknown-sign-in', titleEn: 'Unknown sign-in' },
    title: '登录过程已失效，请重新开始',
    detail: '请回到登录页重新登录；登录须在同一浏览器中完成。',
  });

export const oidcRefused = (cause?: unknown) =>
  new Problem(
    {
      ...{
        status: 401,
        code: 'oidc-refused',
        titleEn: 'The identity provider did not confirm you',
      },
      title: '身份认证系统未确认您的身份',
      detail: '请重新登录；仍不成功的，请联系本单位身份认证系统的管理员。',
    },
    { cause },
  );

export const oidcUnavailable = (cause: unknown) =>
  new Problem(
    {
      ...{
        status: 503,
        code: 'identity-provider-unavailable',
        titleEn: 'Identity provider unavailable',
      },
      title: '身份认证系统暂时无法访问',
      detail: '请稍后再试，或以用户名和密码登录。',
      headers: { 'retry-after': '10' },
    },
    { cause },
  );

export const notConnected = () =>
  refusal({
    ...{ status: 403, code: 'identity-not-connected', titleEn: 'Identity not connected' },
    title: '该身份尚未与任何账户关联',
    detail: '请先以用户名和密码登录，再关联本单位的身份。',
  });

export const identityTaken = () =>
  refusal({
    ...{ status: 409, code: 'identity-taken', titleEn: 'Identity taken' },
    title: '该身份或账户已有关联',
    detail: '一个身份只关联一个账户；请核对登录的身份，或请管理员处理。',
  });

const badValue = (field: string, message: string) =>
  refusal({
    ...{ status: 400, code: 'bad-value', titleEn: 'Bad value' },
    title: '请求中有不正确的值',
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
    ...{ status: 401, code: 'bad-setup-token', titleEn: 'Bad setup token' },
    title: '一次性口令不正确',
    detail: '请使用服务启动时显示的一次性口令；重启服务会换发新的。',
  });

export const setUpAlready = () =>
  refusal({
    ...{ status: 409, code: 'set-up-already', titleEn: 'Already set up' },
    title: '系统已初始化',
    detail: '首位管理员已经创建；请登录，新用户由管理员建立。',
  });

export const notRecorded = (cause: unknown) =>
  new Problem(
    {
      ...{ status: 503, code: 'not-recorded', titleEn: 'Could not be recorded' },
      title: '查阅记录未能写入，暂不提供数据',
      detail: '个人信息和导出须先留痕，请稍后再试。',
      headers: { 'retry-after': '2' },
    },
    { cause },
  );
