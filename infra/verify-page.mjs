// verify.html: one file that checks an evidence bundle in a browser, from disk, without a network. The modules of
// libs/proof are put into the page as they are; what may run and look on it is named by digest in its own policy.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'apps/verify/page');

const digest = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** The page as text; the same sources give the same page. */
export async function buildVerifyPage() {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'verify-page.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    charset: 'ascii',
    legalComments: 'inline',
    // Browsers of offices are old: BigInt is the newest thing that is needed.
    target: 'es2020',
    tsconfig: join(folder, 'tsconfig.json'),
    absWorkingDir: root,
    logLevel: 'warning',
  });
  // What looks like the end of a script would be one, also within a text.
  const script = outputFiles[0].text.replaceAll('</script', '<\\/script');
  const style = readFileSync(join(folder, 'page.css'), 'utf8');
  const parts = {
    "'script-hash'": `'${digest(script)}'`,
    "'style-hash'": `'${digest(style)}'`,
    '<!-- style -->': `<style>${style}</style>`,
    '<!-- script -->': `<script>${script}</script>`,
  };
  let page = readFileSync(join(folder, 'page.html'), 'utf8');
  for (const [mark, text] of Object.entries(parts)) {
    if (page.split(mark).length !== 2) throw new Error(`page.html must have ${mark} once`);
    page = page.replace(mark, () => text);
  }
  return page;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(process.argv[2] ?? 'verify.html', await buildVerifyPage());
}
