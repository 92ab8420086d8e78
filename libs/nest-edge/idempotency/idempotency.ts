import { createHash } from 'node:crypto';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { type EdgeReply, type EdgeRequest, type EdgeServer, isUnsafe } from '../edge-request.js';
import type { JsonLogger } from '../json-logger.js';
import { Problem } from '../problem.js';
import { StoredAnswer } from '../stored-answer.js';
import {
  type Answer,
  type Claim,
  claimKey,
  keepAnswer,
  purgeAnswers,
  releaseClaim,
  renewClaims,
} from './claims.js';

export interface IdempotencySettings {
  /** How long answers are kept, at least a day. */
  readonly keepMs: number;
  /** How long the claim of a process that died blocks its key. */
  readonly leaseMs: number;
  /** Longer answers are not kept, characters. */
  readonly bodyLengthMax: number;
}

const HOUR_MS = 3_600_000;
export const IDEMPOTENCY_DEFAULTS: IdempotencySettings = {
  keepMs: 48 * HOUR_MS,
  leaseMs: 30_000,
  bodyLengthMax: 262_144,
};

/** A request that works longer than this has its lease no longer renewed. */
const WORK_MS_MAX = 2 * HOUR_MS;
const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/** Answers that a repetition may change without the request changing: never kept. */
const PASSING_STATUSES = new Set([401, 403, 408, 425, 429]);

const badKey = () =>
  new Problem({
    status: 400,
    code: 'bad-idempotency-key',
    title: 'Idempotency-Key 无效',
    titleEn: 'Bad idempotency key',
    detail: 'Idempotency-Key 须为 1 至 255 个可见 ASCII 字符。',
  });

interface Work {
  readonly claim: Claim;
  readonly sinceMs: number;
}

/**
 * Honours `Idempotency-Key` on every unsafe request of a known asker, across processes and restarts: the first attempt
 * works, a repetition gets its status, content type and body with `Idempotency-Replayed: true`.
 *
 * The answer is stored before it is sent. Not kept, so that a repetition works anew: 5xx, 401, 403, 408, 425, 429.
 * A process that dies in between blocks its key for `leaseMs` at most; the commands below are idempotent by themselves,
 * so the second attempt finds what the first has done. Strangers have no scope of their own, so theirs is ignored.
 *
 * It hangs in the server's own hooks: an interceptor costs every request a sixth of its time, used or not, and sees
 * neither what the exception filter answers nor the bytes that are sent.
 */
export class Idempotency implements OnModuleInit, OnModuleDestroy {
  readonly #works = new Map<EdgeRequest, Work>();
  readonly #uploads = new WeakSet<EdgeRequest>();
  readonly #notKept = new WeakSet<EdgeRequest>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly database: DataSource,
    private readonly logger: JsonLogger,
    private readonly settings: IdempotencySettings,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<EdgeServer>();
    server.addHook('preHandler', (request, reply, done) => {
      const key = request.headers['idempotency-key'];
      if (key === undefined || !isUnsafe(request.method)) {
        done();
        return;
      }
      // The promise is not handed to Fastify: it would go on a second time when it settles.
      void this.#before(request as EdgeRequest, reply, String(key)).then(
        (answered) => (answered ? undefined : done()),
        done,
      );
    });
    server.addHook('onSend', (request, reply, payload, done) => {
      const work = this.#works.get(request as EdgeRequest);
      if (work === undefined) {
        this.#warnOfUnclaimed(request as EdgeRequest, reply);
        done(null, payload);
        return;
      }
      void this.#after(request as EdgeRequest, reply, { work, payload }).then(
        () => done(null, payload),
        done,
      );
    });
    const renew = () => this.#quietly(this.#renew());
    this.#timers.push(setInterval(renew, this.settings.leaseMs / 3).unref());
    this.#timers.push(
      setInterval(() => this.#quietly(purgeAnswers(this.database)), HOUR_MS).unref(),
    );
  }

  onModuleDestroy(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /**
   * For multipart: the handler calls this once it knows the content, before it does anything. The boundary differs from
   * try to try, so the content's own digest stands for the body.
   *
   * Without the header this does nothing.
   *
   * @param contentDigest of everything that matters in the body (`Upload.digest`)
   * @throws StoredAnswer when it was answered before (the filter sends it), Problem as `claimKey`
   */
  async claimUpload(request: EdgeRequest, contentDigest: string): Promise<void> {
    if (!this.#uploads.delete(request)) return;
    const key = String(request.headers['idempotency-key']);
    const answer = await this.#claim(request, key, contentDigest);
    if (answer !== null) throw new StoredAnswer(answer);
  }

  /**
   * The answer of this request holds a secret or a person's data and is not kept: a repetition is answered 409
   * `idempotency-answer-not-kept` and still does nothing twice.
   */
  doNotKeepAnswer(request: EdgeRequest): void {
    this.#notKept.add(request);
  }

  async #before(request: EdgeRequest, reply: EdgeReply, key: string): Promise<boolean> {
    if (request.principal === null || request.is404) return false;
    if (!KEY.test(key)) throw badKey();
    if (request.isMultipart()) {
      this.#uploads.add(request);
      return false;
    }
    const body = createHash('sha256')
      .update(request.rawBody ?? '')
      .digest('hex');
    const answer = await this.#claim(request, key, body);
    if (answer === null) return false;
    new StoredAnswer(answer).send(reply);
    return true;
  }

  /** Null when this request is now the one that works. */
  async #claim(request: EdgeRequest, key: string, bodyDigest: string): Promise<Answer | null> {
    const scope = request.principal?.actorId;
    if (scope === undefined) throw new Error('an idempotency key is claimed for nobody');
    const digest = createHash('sha256')
      .update(`${request.method}\n${request.url}\n${bodyDigest}`)
      .digest('hex');
    const { leaseMs, keepMs } = this.settings;
    const found = await claimKey(this.database, { scope, key, digest, leaseMs, keepMs });
    if (found.outcome === 'answered') return found.answer;
    this.#works.set(request, { claim: found.claim, sinceMs: performance.now() });
    return null;
  }

  async #after(
    request: EdgeRequest,
    reply: EdgeReply,
    sent: { readonly work: Work; readonly payload: unknown },
  ): Promise<void> {
    this.#works.delete(request);
    const { claim } = sent.work;
    const status = reply.statusCode;
    try {
      if (status >= 500 || PASSING_STATUSES.has(status)) {
        await releaseClaim(this.database, claim);
        return;
      }
      const body = this.#notKept.has(request) ? null : this.#keptBody(sent.payload);
      const type = reply.getHeader('content-type');
      const contentType = typeof type === 'string' ? type : null;
      await keepAnswer(this.database, claim, { status, contentType, body });
    } catch (error) {
      // The work is done and its answer must go out; the claim lapses by itself.
      this.logger.failure('idempotency-answer-lost', error, { status });
    }
  }

  #keptBody(payload: unknown): string | null {
    if (payload === undefined || payload === null) return '';
    if (typeof payload !== 'string') return null;
    return payload.length <= this.settings.bodyLengthMax ? payload : null;
  }

  async #renew(): Promise<void> {
    const oldest = performance.now() - WORK_MS_MAX;
    const alive = [...this.#works.values()].filter((work) => work.sinceMs > oldest);
    if (alive.length === 0) return;
    const holders = alive.map((work) => work.claim.holder);
    await renewClaims(this.database, holders, this.settings.leaseMs);
  }

  /** A multipart route that forgot `claimUpload` would run twice and nobody would notice. */
  #warnOfUnclaimed(request: EdgeRequest, reply: EdgeReply): void {
    if (!this.#uploads.has(request) || reply.statusCode >= 400) return;
    this.logger.event('error', 'idempotency-unclaimed', {
      route: request.routeOptions.url ?? null,
    });
  }

  #quietly(work: Promise<void>): void {
    work.catch((error: unknown) => this.logger.failure('idempotency-upkeep', error));
  }
}
