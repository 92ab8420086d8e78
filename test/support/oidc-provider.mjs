// A real OpenID Connect provider on loopback, in a process of its own. Parent and child speak over IPC: the child says its
// `issuer`, is told the `client` and answers `ready`, and is told who sits before the login page as `person`.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

let provider = null;
let person = { subject: 'nobody', methods: ['pwd'] };

const server = createServer((request, response) => {
  const answered = request.url.startsWith('/interaction/')
    ? interact(request, response)
    : provider.callback()(request, response);
  Promise.resolve(answered).catch((error) => {
    console.error(error);
    response.statusCode = 500;
    response.end();
  });
});

/** The page on which somebody would type a password: here it is always right. */
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const login = { accountId: person.subject, amr: person.methods };
    return provider.interactionFinished(request, response, { login });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid');
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(
    request,
    response,
    { consent },
    { mergeWithLastSubmission: true },
  );
}

function make(issuer, client) {
  return new Provider(issuer, {
    clients: [{ ...client, response_types: ['code'] }],
    cookies: { keys: ['a key of the tests'] },
    claims: { openid: ['sub', 'amr'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  });
}

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  process.on('message', (told) => {
    if (told.client) provider = make(issuer, told.client);
    if (told.person) person = told.person;
    process.send({ done: true });
  });
  process.send({ issuer });
});
process.on('disconnect', () => process.exit(0));
