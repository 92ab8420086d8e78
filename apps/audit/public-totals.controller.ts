import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { countyKey, type RegionCode } from '@fundflow/domain/region';
import { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { Problem } from '@fundflow/nest-edge/problem';
import { Public } from '@fundflow/nest-edge/public-route';
import { PublicTotals } from '@fundflow/public-totals/public-totals';
import { flowsOf } from '@fundflow/queries/flows';
import { withSnapshot } from '@fundflow/queries/snapshot';
import { Fen, On, Text, Whole } from './answer-fields.js';
import { AuditBooks } from './audit-books.js';
import { regionOf, timesOf } from './question-of.js';

export class PublicRegion {
  @Text() region: string;
  @Text({ nullable: true }) name: string | null;
  @On({ description: 'Today' }) asOf: string;
  @Fen() receivedFen: string;
  @Fen() returnedUpFen: string;
  @Fen({ description: 'Paid to units, net of what came back' }) paidToUnitsFen: string;
  @Fen({ description: 'Paid to people, as far as it was paid to at least five of them together' })
  paidToPeopleFen: string;
  @ApiProperty({ description: 'Something paid to fewer than five people is not in it yet' })
  withheld: boolean;
  @Whole({ description: 'Records in it' }) position: number;
}

/**
 * What everybody may know (domain, people and privacy): totals of counties and larger places, never of households. Numbers
 * about people move only together for at least five of them.
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
    const region = regionOf(regions, code);
    if (countyKey(region) !== region) throw notPublic(region);
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
      withheld: paid.isWithheld,
      position: Number(paid.position),
    };
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
