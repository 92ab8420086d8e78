import { verifyBundle, type ValidBundle } from '@fundflow/proof/bundle';
import { Found, outcomeOf, reading } from '@fundflow/proof/findings';
import { parsePolicy } from '@fundflow/proof/policy';
import { type Language, NOT_DETECTED, printable, sentenceOf } from '@fundflow/proof/sentences';
import { browserMeans } from './browser-means.js';
import { membersOf } from './zip-in-memory.js';

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const language = (): Language => (document.documentElement.lang === 'en' ? 'en' : 'zh');

const VALID = {
  zh: (v: ValidBundle) =>
    `核验通过：${v.records} 条记录都在检查点（共 ${v.size} 条记录）之内，附件 ${v.attachments} 个，一字未改。`,
  en: (v: ValidBundle) =>
    `Valid: all ${v.records} records stand in the checkpoint of ${v.size}, ${v.attachments} attachments, nothing changed.`,
} as const;
const WHOSE = {
  zh: {
    bundle: '所依据的公钥来自证据包本身，请与公布的指纹核对：',
    given: '所依据的公钥来自您提供的策略：',
  },
  en: {
    bundle:
      'The keys are those of the bundle itself: compare the fingerprints with published ones:',
    given: 'The keys are those of the policy you gave:',
  },
} as const;
const BUSY = { zh: '正在核验……', en: 'Checking…' } as const;

function line(parent: HTMLElement, text: string, tag = 'p'): void {
  const element = document.createElement(tag);
  element.textContent = printable(text);
  parent.append(element);
}

function show(state: 'valid' | 'tampered' | 'undecided' | 'busy', sentence: string): HTMLElement {
  const result = byId('result');
  result.replaceChildren();
  result.className = state;
  result.dataset['state'] = state;
  line(result, sentence, 'strong');
  return result;
}

function showValid(valid: ValidBundle): void {
  const lang = language();
  const result = show('valid', VALID[lang](valid));
  const { exporter, createdAt, question, reason, caseId } = valid.manifest;
  line(result, `${valid.origin}`);
  line(result, `${exporter.unit}（${exporter.actor}） ${createdAt}`);
  line(result, [reason, caseId].filter(Boolean).join(' · '));
  line(result, JSON.stringify(question), 'code');
  line(result, WHOSE[lang][valid.policyFrom]);
  for (const { role, name, sha256 } of valid.fingerprints)
    line(result, `${role} ${name} ${sha256}`, 'code');
  line(result, NOT_DETECTED[lang]);
}

async function check(file: File): Promise<void> {
  show('busy', BUSY[language()]);
  // Let the page say so before the work begins.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  try {
    const members = membersOf(new Uint8Array(await file.arrayBuffer()), file.name);
    const text = byId<HTMLTextAreaElement>('policy').value.trim();
    const given =
      text === '' ? null : reading('policy', () => parsePolicy(`${text}\n`, browserMeans.crypto));
    showValid(await verifyBundle(members, browserMeans, given));
  } catch (error) {
    const finding =
      error instanceof Found
        ? error.finding
        : ({ code: 'failed', detail: error instanceof Error ? error.message : '' } as const);
    show(outcomeOf(finding), sentenceOf(finding, language()));
  }
}

const input = byId<HTMLInputElement>('file');
input.addEventListener('change', () => {
  const [file] = input.files ?? [];
  if (file) void check(file);
});
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer?.files ?? [];
  if (file) void check(file);
});
byId('language').addEventListener('click', () => {
  document.documentElement.lang = language() === 'en' ? 'zh-CN' : 'en';
});
