import { types } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import type { JsonValue } from './problem.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = { readonly [name: string]: JsonValue };

export interface JsonLoggerSettings {
  /** The least level that is written. */
  readonly level: LogLevel;
  /** Takes one line with its line feed. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`|\([^()]*\)=\([^()]*\)/g;
const LONG_NUMBER = /\d{5,}/g;
const FRAMES_MAX = 12;

/**
 * A library's message without the values it may quote: PostgreSQL repeats the offending key, a parser the offending
 * text, and either may be somebody's name or account.
 */
export function withoutValues(message: string): string {
  return message.replace(QUOTED, '"…"').replace(LONG_NUMBER, '…');
}

/** Also one of Node's own under another global object, as in tests. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}

/** What may be told of a thrown thing: its class, its code, its message without values, and where it was. */
export function failureFields(thrown: unknown): LogFields {
  if (!isError(thrown)) return { error: typeof thrown };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: thrown.name,
    ...(code === undefined ? {} : { errorCode: code }),
    message: withoutValues(thrown.message),
    stack: frames.slice(0, FRAMES_MAX).map((line) => line.trim()),
    ...(thrown.cause === undefined ? {} : { cause: failureFields(thrown.cause) }),
  };
}

/**
 * One JSON object a line: `time`, `level`, `event` and further fields. Bodies, query values, names and numbers of
 * persons have no place in it; callers name the event and give fields, they never interpolate.
 *
 * It is also the logger of Nest itself, whose texts become the event `nest` with their context.
 */
export class JsonLogger implements LoggerService {
  readonly #settings: JsonLoggerSettings;
  readonly #least: number;

  constructor(settings: JsonLoggerSettings) {
    this.#settings = settings;
    this.#least = LOG_LEVELS.indexOf(settings.level);
  }

  event(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < this.#least) return;
    const time = new Date(this.#settings.now()).toISOString();
    this.#settings.write(`${JSON.stringify({ time, level, event, ...fields })}\n`);
  }

  /** An error with its class, code and stack; the message is stripped of the values it quotes. */
  failure(event: string, thrown: unknown, fields: LogFields = {}): void {
    this.event('error', event, { ...fields, ...failureFields(thrown) });
  }

  #nest(level: LogLevel, message: unknown, rest: readonly unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? last : undefined;
    const fields = context === undefined ? {} : { context };
    if (isError(message)) {
      this.event(level, 'nest', { ...fields, ...failureFields(message) });
      return;
    }
    const text = typeof message === 'string' ? withoutValues(message) : typeof message;
    this.event(level, 'nest', { ...fields, message: text });
  }

  // What Nest calls a log is its own chatter at start (one line a route): detail for us.
  log(message: unknown, ...rest: unknown[]): void {
    this.#nest('debug', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#nest('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#nest('debug', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#nest('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#nest('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#nest('error', message, rest);
  }
}
