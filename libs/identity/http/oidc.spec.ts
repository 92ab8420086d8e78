import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DataSource } from 'typeorm';
import {
  identityDatabase,
  type IdentityLedger,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import {
  BooksController,
  PASSWORD_OF_ALL,
  somebody,
} from '../../../test/support/identity-people.js';
import { OIDC_CALLBACK, SIGN_IN_MS_MAX } from '../sign-in/oidc-sign-in.js';
import { UserDirectory } from '../accounts/user-directory.js';

const PROVIDER = fileURLToPath(new URL('../../../test/support/oidc-provider.mjs', import.meta.url));
const BEGIN = '/api/v1/session/oidc';
const CLIENT = { clientId: 'fundflow', clientSecret: 'a secret of the tests' } as const;
let nowMs = Date.now();
let database: DataSource;
let ledger: IdentityLedger;
let url: string;
let provider: ChildProcess;

/** A browser: one cookie jar, redirects followed by hand. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** @param body what is sent, else it is asked for */
  async open(address: string, redirects = 20, body: object | null = null): Promise<Response> {
    const { origin } = new URL(address);
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      ...{ method: body === null ? 'GET' : 'POST', redirect: 'manual' },
      headers: { cookie, ...(body === null ? {} : { 'content-type': 'application/json' }) },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    if (location === null || redirects === 0) return response;
    const next = new URL(location, address);
    // Where a signed-in browser lands is the console's business.
    if (next.href === `${url}/`) return response;
    return this.open(next.href, redirects - 1);
  }

  set(origin: string, name: string, value: string): void {
    this.#jars.set(origin, (this.#jars.get(origin) ?? new Map<string, string>()).set(name, value));
  }

  get session(): string {
    return `fundflow_session=${this.#jars.get(url)?.get('fundflow_session') ?? ''}`;
  }
}

/** The next word of the provider's process. */
const heard = (): Promise<{ readonly issuer?: string }> =>
  new Promise((resolve, reject) => {
    provider.once('message', resolve);
    provider.once('exit', () => reject(new Error('the provider ended')));
  });

const tell = async (told: object): Promise<void> => {
  provider.send(told);
  await heard();
};

beforeAll(async () => {
  database = await identityDatabase();
  // What it warns about is its own quick start.
  provider = fork(PROVIDER, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const { issuer = '' } = await heard();
  const oidc = { ...CLIENT, issuer, origin: () => url };
  const now = () => new Date(nowMs);
  ledger = await startIdentityLedger({ database, controllers: [BooksController], oidc, now });
  url = await ledger.app.getUrl();
  const redirects = { redirect_uris: [url + OIDC_CALLBACK] };
  const { clientId: client_id, clientSecret: client_secret } = CLIENT;
  await tell({ client: { client_id, client_secret, ...redirects } });
  await tell({ person: { subject: 'officer-7', methods: ['pwd'] } });
  await somebody(ledger, 'inspector', '45', 'wei');
});
afterAll(async () => {
  await ledger.close();
  provider.disconnect();
  await database.destroy();
});

const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${((await response.json()) as { code: string }).code}`;

/** Somebody who is signed in connects what the provider knows, and is sent there and back. */
async function connecting(login: string): Promise<Response> {
  const browser = new Browser();
  const cookie = await ledger.login(login, PASSWORD_OF_ALL);
  browser.set(url, 'fundflow_session', cookie.split('=')[1] ?? '');
  const begun = await browser.open(`${url}${BEGIN}/link`, 0, { password: PASSWORD_OF_ALL });
  const { location } = (await begun.json()) as { location: string };
  return browser.open(location);
}

describe('sign-in by the bureau’s own identity provider', () => {
  it('opens no account for somebody it does not know, whatever the provider says', async () => {
    expect(await codeOf(await new Browser().open(url + BEGIN))).toBe('403 identity-not-connected');
  });

  it('is connected by whoever is signed in, and opens that account from then on', async () => {
    const linked = await connecting('wei');
    expect([linked.status, linked.headers.get('location')]).toEqual([303, '/']);
    const browser = new Browser();
    const opened = await browser.open(url + BEGIN);
    expect(opened.status).toBe(303);
    const me = await ledger.ask('/api/v1/session', { cookie: browser.session });
    expect(me.body).toMatchObject({ user: 'wei', roles: ['inspector'], region: '45' });
  });

  it('is not connected to a second account', async () => {
    await somebody(ledger, 'inspector', '45', 'tan');
    expect(await codeOf(await connecting('tan'))).toBe('409 identity-taken');
  });

  it('is neither connected nor disconnected by who finds an open session', async () => {
    const cookie = await ledger.login('wei', PASSWORD_OF_ALL);
    for (const method of ['POST', 'DELETE']) {
      const asked = (body: object) => ledger.ask(`${BEGIN}/link`, { method, cookie, body });
      expect((await asked({ password: 'wrong' })).code).toBe('bad-credentials');
      expect((await asked({})).code).toBe('bad-value');
    }
    const browser = new Browser();
    expect((await browser.open(url + BEGIN)).status).toBe(303);
  });

  it('takes the place of the session the browser had', async () => {
    const browser = new Browser();
    await browser.open(url + BEGIN);
    const before = browser.session;
    await browser.open(url + BEGIN);
    expect((await ledger.ask('/books', { cookie: before })).status).toBe(401);
    expect((await ledger.ask('/books', { cookie: browser.session })).status).toBe(200);
  });

  it('opens nothing for an account that was disabled since', async () => {
    const users = ledger.app.get(UserDirectory);
    const { id } = (await users.findByLogin('wei')) ?? { id: '' };
    await users.change(id, { disabled: true }, id);
    expect(await codeOf(await new Browser().open(url + BEGIN))).toBe('403 identity-not-connected');
    await users.change(id, { disabled: false }, id);
  });

  it('does not get round the second factor of the account where the provider asked for none', async () => {
    const ofWei = `(SELECT id FROM identity_users WHERE login = 'wei')`;
    await database.query(
      `INSERT INTO identity_totp (user_id, sealed_secret, created_at, confirmed_at)
       VALUES (${ofWei}, '\\x00', now(), now())`,
    );
    expect(await codeOf(await new Browser().open(url + BEGIN))).toBe('401 second-factor-required');
    await database.query(`DELETE FROM identity_totp WHERE user_id = ${ofWei}`);
  });

  it('stands for a second factor where the provider says that it asked for one', async () => {
    await database.query(
      `INSERT INTO identity_factor_demands (region, role) VALUES ('45', 'inspector')`,
    );
    const plain = new Browser();
    await plain.open(url + BEGIN);
    expect((await ledger.ask('/books', { cookie: plain.session })).code).toBe(
      'second-factor-enrolment-required',
    );
    await tell({ person: { subject: 'officer-7', methods: ['pwd', 'otp'] } });
    const strong = new Browser();
    await strong.open(url + BEGIN);
    expect((await ledger.ask('/books', { cookie: strong.session })).status).toBe(200);
  });
});

describe('an answer of the provider', () => {
  /** Up to the address the provider sends back to, without going there. */
  async function answered(browser: Browser): Promise<string> {
    let address = url + BEGIN;
    for (let hop = 0; hop < 20; hop += 1) {
      const response = await browser.open(address, 0);
      const next = new URL(response.headers.get('location') ?? '', address);
      if (next.pathname === OIDC_CALLBACK) return next.href;
      address = next.href;
    }
    throw new Error('the provider never sends back');
  }

  it('counts once', async () => {
    const browser = new Browser();
    const address = await answered(browser);
    expect((await browser.open(address)).status).toBe(303);
    const again = new Browser();
    expect(await codeOf(await again.open(address))).toBe('400 unknown-sign-in');
  });

  it('is good for the browser that began alone: nobody is signed in as somebody else', async () => {
    const address = await answered(new Browser());
    expect(await codeOf(await new Browser().open(address))).toBe('400 unknown-sign-in');
  });

  it('comes within ten minutes', async () => {
    const browser = new Browser();
    const address = await answered(browser);
    nowMs += SIGN_IN_MS_MAX;
    expect(await codeOf(await browser.open(address))).toBe('400 unknown-sign-in');
  });

  it.each([
    ['another code', (sent: URL) => sent.searchParams.set('code', 'x'.repeat(43))],
    ['another issuer', (sent: URL) => sent.searchParams.set('iss', 'https://evil.example')],
    ['an error', (sent: URL) => sent.searchParams.set('error', 'access_denied')],
  ])('with %s is refused', async (_what, change) => {
    const browser = new Browser();
    const sent = new URL(await answered(browser));
    change(sent);
    expect(await codeOf(await browser.open(sent.href))).toBe('401 oidc-refused');
  });

  it.each(['nonce', 'verifier'])('to another %s is refused', async (column) => {
    const browser = new Browser();
    const address = await answered(browser);
    // As if the answer were one to a sign-in begun elsewhere.
    const another = 'y'.repeat(43);
    await database.query(`UPDATE identity_oidc_sign_ins SET ${column} = $1`, [another]);
    expect(await codeOf(await browser.open(address))).toBe('401 oidc-refused');
  });

  it('with the code that another browser was given is refused', async () => {
    const [browser, other] = [new Browser(), new Browser()];
    const sent = new URL(await answered(browser));
    const given = new URL(await answered(other)).searchParams.get('code') ?? '';
    sent.searchParams.set('code', given);
    expect(await codeOf(await browser.open(sent.href))).toBe('401 oidc-refused');
  });

  it('with another state was never asked for', async () => {
    const browser = new Browser();
    const sent = new URL(await answered(browser));
    sent.searchParams.set('state', 'x'.repeat(43));
    expect(await codeOf(await browser.open(sent.href))).toBe('400 unknown-sign-in');
  });
});
