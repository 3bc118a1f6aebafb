import { dirname } from 'node:path';
import { type GitOptions, runGit } from '../../client/run-git.ts';

/** A package of Playwright loads the others, wherever in the checkout they lie. */
const packages = ['@playwright/test', 'playwright', 'playwright-core'];

/**
 * Whether git has files of Playwright's packages in the checkout, so that a commit chose what they do and not the registry.
 * `cli`: the program of one of them, absolute. False where there is no git checkout.
 */
export async function isCommitted(cli: string, git: GitOptions): Promise<boolean> {
  const everywhere = packages.map((name) => `:(top,glob)**/node_modules/${name}/**`);
  const listed = await runGit(dirname(cli), ['ls-files', '-z', '--', '.', ...everywhere], git);
  return 'stdout' in listed && listed.stdout !== '';
}
