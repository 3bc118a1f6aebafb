import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkout } from '../submit/read-checkout.ts';
import type { Repository } from './annotation-path.ts';

/** The checkout as annotations see it. */
export const repositoryOf = ({ root, prefix }: Checkout): Repository => ({
  prefix,
  has: (path) => isFile(join(root, path)),
});

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
