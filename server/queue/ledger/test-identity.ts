import { createHash } from 'node:crypto';
import { idPrefixes } from '../../../protocol/ids.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';

/** A test file of an org on a target. */
export interface FileIdentity {
  readonly orgId: string;
  /** '' where submits name no repository: the same path in another repository is another test. */
  readonly repositoryId: string;
  readonly target: string;
  readonly testPath: string;
}

/** A file, or a case of it. A case is known by what the comparison with a base branch knows it by. */
export interface TestIdentity extends FileIdentity {
  /** File, full title and the framework's id, which tells projects apart; all '' for the file itself. */
  readonly file: string;
  readonly title: string;
  readonly caseId: string;
}

export const fileOf = ({ orgId, repositoryId, target, testPath }: FileIdentity): TestIdentity => ({
  ...{ orgId, repositoryId, target, testPath },
  ...{ file: '', title: '', caseId: '' },
});

export const caseOf = (of: FileIdentity, { file = '', name, id = '' }: TestCase): TestIdentity => ({
  ...fileOf(of),
  ...{ file, title: name, caseId: id },
});

const idDigits = 32;

/** The same for the same test on every server and for ever. */
export function testIdOf(test: TestIdentity): string {
  const { orgId, repositoryId, target, testPath, file, title, caseId } = test;
  const parts = JSON.stringify([orgId, repositoryId, target, testPath, file, title, caseId]);
  return idPrefixes.test + createHash('sha256').update(parts).digest('hex').slice(0, idDigits);
}
