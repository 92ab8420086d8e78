import { resolveSecurityHeaders } from '@nestjs/core/security/security-headers.js';
import type { EdgeReply, EdgeServer } from './edge-request.js';

/** Of pages: the console is served from here and needs nothing from elsewhere. */
const OF_PAGES = {
  defaultSrc: "'none'",
  baseUri: "'none'",
  connectSrc: "'self'",
  fontSrc: "'self'",
  formAction: "'self'",
  frameAncestors: "'none'",
  imgSrc: ["'self'", 'data:'],
  manifestSrc: "'self'",
  scriptSrc: "'self'",
  styleSrc: "'self'",
};
/** Data is no page: nothing may be loaded, framed or sent from it, wherever a browser opens it. */
const OF_DATA = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE = /^text\/html\b/;

/**
 * Heads an answer: `x-request-id`, which is also in its log line; no copy kept by anybody (`no-store`) and what is below
 * unless the route said otherwise; a policy that allows a page our own files, and data nothing.
 */
export type AnswerHead = (reply: EdgeReply) => void;

/**
 * Put together once. Nest's own hook would give them to Node one by one as soon as a request comes, and Node, which then
 * checks and keeps each by itself, would take three times as long over the head of an answer.
 *
 * @param overTls whether browsers reach us over TLS, and are told never to do otherwise
 */
export function answerHead(overTls: boolean): AnswerHead {
  const { headers } = resolveSecurityHeaders({
    contentSecurityPolicy: { useDefaults: false, directives: OF_PAGES },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: overTls,
    // Only for browsers nobody uses any more, or implied by what is sent.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  const named = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const policy = 'content-security-policy';
  const ofPages = [['cache-control', 'no-store'] as const, ...named];
  const ofData = ofPages.filter(([name]) => name !== policy);
  return (reply) => {
    reply.header('x-request-id', reply.request.id);
    const type = reply.getHeader('content-type');
    const isPage = typeof type === 'string' && PAGE.test(type);
    if (!isPage) reply.header(policy, OF_DATA);
    for (const [name, value] of isPage ? ofPages : ofData) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
  };
}

/** Every answer but those the router gives by itself, which pass no hook. */
export function headAnswers(server: EdgeServer, head: AnswerHead): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    head(reply);
    done(null, payload);
  });
}
