import { type CampaignResult, tamperCampaign } from './tamper-campaign.js';

const SIZE = { records: 3_000, places: 20, samples: 1, cleanRuns: 20, seed: 20200117 };

describe('a ledger that somebody changes', () => {
  let result: CampaignResult;
  beforeAll(async () => {
    result = await tamperCampaign(SIZE);
  });

  it('is noticed in each of the thirteen ways, at every place', () => {
    expect(result.places.size).toBe(13);
    for (const [kind, tally] of result.places) {
      expect([kind, tally.found]).toEqual([kind, SIZE.places]);
    }
  });

  it('is noticed with the first bad index, wherever there is one', () => {
    for (const [kind, { indexed, named }] of result.places) {
      expect([kind, named]).toEqual([kind, indexed]);
      expect([kind, indexed]).toEqual([kind, kind === 'forged-checkpoint' ? 0 : SIZE.places]);
    }
  });

  it('is noticed by what `fundflow verify` runs, on the tables as a superuser left them', () => {
    expect(result.samples.size).toBe(17);
    for (const [kind, { found, indexed, named }] of result.samples) {
      expect([kind, found, named]).toEqual([kind, SIZE.samples, indexed]);
    }
  });

  it('raises no alarm where nobody changed anything', () => {
    expect(result.falseAlarms).toBe(0);
    expect(result.cleanRuns).toBe(SIZE.cleanRuns + SIZE.samples);
  });
});
