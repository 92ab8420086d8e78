import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface NestCli {
  readonly monorepo: boolean;
  readonly root: string;
  readonly projects: Record<
    string,
    { readonly type: string; readonly sourceRoot: string; readonly entryFile: string }
  >;
}

const root = process.cwd();
const described = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')) as NestCli;

describe("nest-cli.json, from which Nest's own commands and editors know the monorepo", () => {
  it('names every application, each by the folder and the file it begins in', () => {
    const applications = readdirSync(join(root, 'apps'))
      .filter((name) => existsSync(join(root, 'apps', name, 'main.ts')))
      .map((name) => [
        name,
        {
          type: 'application',
          root: `apps/${name}`,
          sourceRoot: `apps/${name}`,
          entryFile: 'main',
        },
      ]);
    expect(described.projects).toEqual(Object.fromEntries(applications));
  });

  it('takes the one that composes the others where none is named', () => {
    expect(described).toMatchObject({ monorepo: true, root: 'apps/fundflow' });
  });
});
