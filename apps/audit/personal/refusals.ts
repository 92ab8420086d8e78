import { Problem } from '@fundflow/nest-edge/problem';

export const unknownPerson = () =>
  new Problem({
    status: 404,
    code: 'unknown-person',
    title: '没有这条个人收款记录',
    titleEn: 'No such record of a person',
    detail: '没有这条个人收款记录，或不在您的管辖范围内。',
  });

export const erased = () =>
  new Problem({
    status: 410,
    code: 'erased',
    title: '已删除',
    titleEn: 'Erased',
    detail: '该记录的个人信息已依法删除，不能恢复。',
  });

export const openingMissing = () =>
  new Problem({
    status: 404,
    code: 'opening-missing',
    title: '没有可供查看的内容',
    titleEn: 'Nothing to show',
    detail:
      '个人信息保险库中没有这条记录的内容，账本中也没有删除记录；请运行 fundflow vault check。',
  });

export const restricted = () =>
  new Problem({
    status: 403,
    code: 'restricted',
    title: '该个人信息已限制处理',
    titleEn: 'Processing is restricted',
    detail: '保存期间只能为保全它的案件查看，请以该案件编号申请。',
  });

export const notTheCallers = () =>
  new Problem({
    status: 403,
    code: 'not-the-callers',
    title: '只能查看来电人本人的记录',
    titleEn: "Not the caller's own",
    detail: '请核对来电人的证件号码后，以 callerId 提交。',
  });

export const limitReached = (max: number) =>
  new Problem({
    status: 403,
    code: 'unmask-limit',
    title: '今日查看次数已用完',
    titleEn: 'The limit of the day is reached',
    detail: `每人每日最多查看 ${max} 项，请明日再查，或由上级调整限额。`,
  });

export const badSearch = (detail: string) =>
  new Problem({
    status: 400,
    code: 'bad-search',
    title: '查找条件不完整',
    titleEn: 'Bad search',
    detail,
  });

export const altered = (eventIds: readonly string[]) =>
  new Problem({
    status: 500,
    code: 'personal-data-altered',
    title: '个人信息与账本不符',
    titleEn: 'Personal data differs from the log',
    detail: `有 ${eventIds.length} 条内容与账本的承诺不符，疑被改动，未予显示。`,
    extra: { eventIds: eventIds.slice(0, 5) },
  });

export const unknownErasure = () =>
  new Problem({
    status: 404,
    code: 'unknown-erasure',
    title: '没有这项删除申请',
    titleEn: 'No such erasure',
    detail: '请核对编号（GET /api/v1/personal/erasures）；只列出本管辖地区的申请。',
  });

export const unknownMeasure = () =>
  new Problem({
    status: 404,
    code: 'unknown-measure',
    title: '没有这项措施，或已解除',
    titleEn: 'No such measure in force',
    detail: '请核对编号；只能解除本管辖地区内的措施。',
  });

export const onHold = (until: string | null) =>
  new Problem({
    status: 409,
    code: 'legal-hold',
    title: '个人信息处于保全之中，不能删除',
    titleEn: 'Under legal hold',
    detail: until === null ? '保全至解除为止。' : `保全至 ${until}。`,
    extra: { until },
  });

export const postingUnderWay = () =>
  new Problem({
    status: 409,
    code: 'posting-under-way',
    title: '此人的记录正在读取或入账',
    titleEn: 'A posting is under way',
    detail: '有涉及此人的提交正在读取或入账，请待其完成后再批准。',
  });

export const tooManyEntries = () =>
  new Problem({
    status: 409,
    code: 'too-many-entries',
    title: '此人的记录过多，不能一次删除',
    titleEn: 'Too many entries',
    detail: '请管理员联系维护人员处理；此前没有删除任何内容。',
  });

export const alreadyDecided = () =>
  new Problem({
    status: 409,
    code: 'already-decided',
    title: '该项删除申请已有决定',
    titleEn: 'Already decided',
    detail: '不必重复办理；结果见 GET /api/v1/personal/erasures。',
  });

export const anotherMustApprove = () =>
  new Problem({
    status: 403,
    code: 'second-person-needed',
    title: '须由另一人批准',
    titleEn: 'A second person is needed',
    detail: '提出人不能自行批准。',
  });
