import { outcomeOf, type Finding } from '@fundflow/proof/findings';
import { printable, sentenceOf, type Language } from '@fundflow/proof/sentences';

/** What a command found to be true, or what it found to be wrong. */
export type Answer =
  | {
      readonly outcome: 'valid';
      /** What was checked, for `--json`: numbers, names and digests only. */
      readonly facts: Readonly<Record<string, unknown>>;
      readonly zh: string;
      readonly en: string;
      /** Lines to compare by eye. */
      readonly more?: readonly string[];
    }
  | {
      readonly outcome: 'found';
      readonly finding: Finding;
      /** Evidence to keep: signed notes, printed as they are. */
      readonly more?: readonly string[];
    };

/** 0 valid, 1 tampered, 2 cannot decide. */
export type ExitCode = 0 | 1 | 2;

export interface Printing {
  readonly language: Language;
  readonly isJson: boolean;
}

/** The exit code of an answer, and what is printed: one sentence, or one object. */
export function render(
  answer: Answer,
  { language, isJson }: Printing,
): { readonly exitCode: ExitCode; readonly text: string } {
  const more = answer.more ?? [];
  if (answer.outcome === 'valid') {
    const sentence = printable(language === 'zh' ? answer.zh : answer.en);
    const object = { outcome: 'valid', sentence, ...answer.facts };
    return { exitCode: 0, text: isJson ? json(object) : [sentence, ...more, ''].join('\n') };
  }
  const { finding } = answer;
  const outcome = outcomeOf(finding);
  const sentence = sentenceOf(finding, language);
  const object = { outcome, sentence, ...finding, ...(more.length > 0 ? { evidence: more } : {}) };
  return {
    exitCode: outcome === 'tampered' ? 1 : 2,
    text: isJson ? json(object) : [sentence, ...more, ''].join('\n'),
  };
}

const json = (object: Readonly<Record<string, unknown>>): string => `${JSON.stringify(object)}\n`;
