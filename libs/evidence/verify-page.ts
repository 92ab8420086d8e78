import { readFile } from 'node:fs/promises';

/** The build puts it beside the compiled library; sources run (tests) take it from there. */
const PLACES = ['./verify.html', '../../dist/libs/evidence/verify.html'];
let page: string | null = null;

/**
 * `verify.html`: one page of HTML that checks a bundle in any browser, from disk, without a network. Made by the build
 * from `apps/verify/page` and the modules of libs/proof.
 */
export async function verifyPage(): Promise<string> {
  for (const place of PLACES) {
    page ??= await readFile(new URL(place, import.meta.url), 'utf8').catch(() => null);
  }
  if (page === null) throw new Error('verify.html was not built: run `npm run build`');
  return page;
}
