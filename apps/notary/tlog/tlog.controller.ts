import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import { outOfJurisdiction } from '@fundflow/identity/refusals';
import type { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Problem } from '@fundflow/nest-edge/problem';
import { Public } from '@fundflow/nest-edge/public-route';
import { encodeEntries, parseTilePath, type TilePath, tileWidthAt } from '@fundflow/proof/tiles';
import { HASH_BYTES } from '@fundflow/proof/tree-hash';
import { LogShelf, type ShownLog } from './log-shelf.js';

const NO_TILE = ['no-such-log', 'no-such-tile'];

const compress = promisify(gzip);

const BYTES = {
  description: 'Bytes as C2SP tlog-tiles lays them out',
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
} as const;
const NOTE = {
  description: 'A C2SP signed note',
  content: { 'text/plain': { schema: { type: 'string' } } },
} as const;
const FOR_EVER = 'max-age=31536000, immutable';

/**
 * The log as C2SP tlog-tiles serves it. Checkpoint and hash tiles are for everybody. Entry bundles are not: amount,
 * village and date of a payment can identify a household.
 */
@ApiTags('tlog')
@Controller('tlog/:log')
export class TlogController {
  constructor(private readonly shelf: LogShelf) {}

  @Get('checkpoint')
  @Public()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  @ApiOperation({ summary: '最新的检查点（C2SP tlog-checkpoint，含见证人的联署）' })
  @ApiOkResponse(NOTE)
  @Fails({ 404: ['no-such-log', 'no-checkpoint-yet'] })
  async checkpoint(@Param('log') name: string): Promise<string> {
    const published = await this.shelf.log(name).published();
    if (published !== null) return published.note;
    throw new Problem({
      status: 404,
      code: 'no-checkpoint-yet',
      title: '尚无检查点',
      titleEn: 'No checkpoint yet',
      detail: '公证程序还没有签署过检查点，请稍后再试。',
    });
  }

  @Get('tile/entries/*')
  @May('mirror-log')
  @ApiOperation({ summary: '记录原文（C2SP tlog-tiles 的 entry bundle；仅限审计、监察和镜像）' })
  @ApiOkResponse(BYTES)
  @Fails({ 403: ['out-of-jurisdiction'], 404: NO_TILE })
  async entries(
    @Param('log') name: string,
    @Within() scope: Scope,
    @Req() request: EdgeRequest,
    @Res() reply: EdgeReply,
  ): Promise<void> {
    if (!scope.isEverything) throw outOfJurisdiction();
    const log = this.shelf.log(name);
    const path = pathIn(name, request);
    if (path?.kind !== 'entries') throw noSuchTile();
    const { index, width } = path;
    if (width > tileWidthAt(await log.size(), 0, index)) throw noSuchTile();
    const records = await log.records(index, width);
    const bundle = encodeEntries(records.map((record) => Buffer.from(record)));
    void reply
      .header('content-type', 'application/octet-stream')
      .header('cache-control', `private, ${FOR_EVER}`)
      .header('vary', 'accept-encoding');
    if (!takesGzip(request)) return reply.send(Buffer.from(bundle));
    void reply.header('content-encoding', 'gzip');
    return reply.send(await compress(bundle));
  }

  @Get('tile/*')
  @Public()
  @ApiOperation({ summary: '哈希瓦片（C2SP tlog-tiles）' })
  @ApiOkResponse(BYTES)
  @Fails({ 404: NO_TILE })
  async tile(
    @Param('log') name: string,
    @Req() request: EdgeRequest,
    @Res() reply: EdgeReply,
  ): Promise<void> {
    const log = this.shelf.log(name);
    const path = pathIn(name, request);
    if (path?.kind !== 'hashes') throw noSuchTile();
    const hashes = await this.#hashes(log, path);
    void reply
      .header('content-type', 'application/octet-stream')
      .header('cache-control', `public, ${FOR_EVER}`);
    return reply.send(hashes);
  }

  async #hashes(log: ShownLog, tile: TilePath & { kind: 'hashes' }): Promise<Buffer> {
    const [found] = await log.tiles.tiles([tile]);
    const length = tile.width * HASH_BYTES;
    if (found === undefined || found.hashes.length < length) throw noSuchTile();
    return Buffer.from(found.hashes.subarray(0, length));
  }
}

/** By the address as it came in: an escaped or padded spelling of a path is another path, which nobody serves. */
const pathIn = (log: string, request: EdgeRequest): TilePath | null => {
  const prefix = `/tlog/${log}/`;
  return request.url.startsWith(prefix) ? parseTilePath(request.url.slice(prefix.length)) : null;
};

const takesGzip = ({ headers }: EdgeRequest): boolean =>
  /(^|,)\s*gzip\s*(;\s*q=(1|0\.\d*[1-9])[\d.]*\s*)?(,|$)/.test(
    String(headers['accept-encoding'] ?? ''),
  );

const noSuchTile = (): Problem =>
  new Problem({
    status: 404,
    code: 'no-such-tile',
    title: '没有这块瓦片',
    titleEn: 'No such tile',
    detail: '路径须与 C2SP tlog-tiles 的写法完全一致，且在当前检查点的范围之内。',
  });
