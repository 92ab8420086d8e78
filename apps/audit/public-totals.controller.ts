import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { countyKey, type RegionCode } from '@fundflow/domain/region';
import { Scope } from '@fundflow/identity/scope';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { Problem } from '@fundflow/nest-edge/problem';
import { Public } from '@fundflow/nest-edge/public-route';
import { PublicTotals } from '@fundflow/public-totals/public-totals';
import { flowsOf } from '@fundflow/queries/flows';
import {
  askPublicProjects,
  PUBLIC_PROJECTS_MAX,
  type PublicProject,
} from '@fundflow/queries/public-projects';
import { withSnapshot } from '@fundflow/queries/snapshot';
import { Fen, FenOrNull, On, OnOrNull, Text, TextOrNull, Whole } from './answer-fields.js';
import { AuditBooks } from './audit-books.js';
import { regionOf, timesOf } from './question-of.js';
import { scopeOfTotals } from './scope-of-totals.js';

class PublicRegion {
  @Text() region: string;
  @Text({ nullable: true }) name: string | null;
  @On({ description: 'Today' }) asOf: string;
  @Fen() receivedFen: string;
  @Fen() returnedUpFen: string;
  @Fen({ description: 'Paid to units, net of what came back' }) paidToUnitsFen: string;
  @Fen({ description: 'Paid to people, as far as it was paid to at least five of them together' })
  paidToPeopleFen: string;
  @Text({ description: '口径：what the totals count' }) scope: string;
  @ApiProperty({ description: 'Something paid to fewer than five people is not in it yet' })
  withheld: boolean;
  @Whole({ description: 'Records in it' }) position: number;
}

class PublicProjectLine implements PublicProject {
  @Text() id: string;
  @Text() name: string;
  @Text() county: string;
  @TextOrNull() township: string | null;
  @TextOrNull() category: string | null;
  @Text() unitName: string;
  @FenOrNull() plannedFen: string | null;
  @OnOrNull() approvedOn: string | null;
  @OnOrNull() acceptedOn: string | null;
  @On({ description: 'The day it was first put up' }) postedOn: string;
}

class PublicProjects {
  @ApiProperty({ type: [PublicProjectLine], description: 'In the order of their ids' })
  projects: readonly PublicProjectLine[];
  @TextOrNull() next: string | null;
  @Whole({ description: 'Records in it' }) position: number;
}

class PublicProjectsQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(512) cursor?: string;
}

const CURSOR = 'public-projects/1';

/**
 * What everybody may know (domain, people and privacy): totals of counties and larger places, never of households. Numbers
 * about people move only together for at least five of them. Projects once they have been put up.
 */
@ApiTags('public')
@Public()
@Controller('api/v1/public')
export class PublicTotalsController {
  constructor(
    private readonly books: AuditBooks,
    private readonly totals: PublicTotals,
  ) {}

  @Get('regions/:code')
  @Header('cache-control', 'public, max-age=60')
  @ApiOperation({ summary: '公开：一个县级以上区划的收支合计（不足五人的个人支付暂不计入）' })
  @ApiOkResponse({ type: PublicRegion })
  @Fails({
    400: ['bad-value'],
    404: ['unknown-region', 'not-public'],
    503: ['not-up-to-date'],
  })
  async region(@Param('code') code: string): Promise<PublicRegion> {
    const { freshness, log, regions } = this.books;
    const region = this.#published(code);
    if (!(await this.totals.follow(await log.head()))) throw notUpToDate();
    await freshness.upToNow('read-model');
    const question = timesOf({});
    const paid = await this.totals.of(region);
    const reads = this.books.within(new Scope([region]));
    const flows = await withSnapshot(reads, { question }, (snapshot) => flowsOf(snapshot, region));
    return {
      ...{ region, name: regions.nameOf(region), asOf: question.asOf },
      receivedFen: `${flows.received}`,
      returnedUpFen: `${flows.returnedUp}`,
      paidToUnitsFen: `${paid.toUnitsFen}`,
      paidToPeopleFen: `${paid.toPeopleFen}`,
      scope: scopeOfTotals(regions, region, question),
      withheld: paid.isWithheld,
      position: Number(paid.position),
    };
  }

  @Get('regions/:code/projects')
  @Header('cache-control', 'public, max-age=60')
  @ApiOperation({ summary: '公开：已公示的项目（县级以上区划，不含收款人）' })
  @ApiOkResponse({ type: PublicProjects })
  @Fails({ 400: ['bad-value', 'bad-cursor'], 404: ['unknown-region', 'not-public'] })
  async projects(
    @Param('code') code: string,
    @Query() { cursor }: PublicProjectsQuery,
  ): Promise<PublicProjects> {
    const region = this.#published(code);
    await this.books.freshness.upToNow('read-model');
    const { projects, position } = await askPublicProjects(this.books.within(new Scope([region])), {
      places: this.books.regions.codesIn(region).map((place) => place.replace(/^0+$/, '')),
      after: cursor === undefined ? '' : decodeCursor<string>(CURSOR, cursor),
      question: timesOf({}),
    });
    const last = projects.length === PUBLIC_PROJECTS_MAX ? projects.at(-1) : undefined;
    const next = last === undefined ? null : encodeCursor(CURSOR, last.id);
    return { projects, next, position: Number(position) };
  }

  /** @throws Problem 404 `unknown-region`, 404 `not-public` below the county */
  #published(code: string): RegionCode {
    const region = regionOf(this.books.regions, code);
    if (countyKey(region) !== region) throw notPublic(region);
    return region;
  }
}

const notPublic = (region: RegionCode): Problem =>
  new Problem({
    status: 404,
    code: 'not-public',
    title: '县级以下不公开',
    titleEn: 'Nothing is published below the county',
    detail: `区划 ${region} 低于县级，其合计可能涉及个别农户，不予公开。`,
  });

const notUpToDate = (): Problem =>
  new Problem({
    status: 503,
    code: 'not-up-to-date',
    title: '公开数字正在汇总',
    titleEn: 'The public totals are being made',
    detail: '公开数字尚未跟上账本，请稍后再查。',
    headers: { 'retry-after': '2' },
  });
