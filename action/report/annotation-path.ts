/** The repository as annotations see it. */
export interface Repository {
  /** From its root to the working directory: '' or `apps/mobile/`. */
  readonly prefix: string;
  /** Whether it holds a file at this path, from its root. */
  readonly has: (path: string) => boolean;
}

/**
 * The path of a test's file in the repository, or undefined where it cannot be told: then the line is not of the job's
 * own file either. Reports name files as they like: relative to the working directory, to the repository or to a folder
 * of tests, or with the whole path of another host. Nothing but the job's own file is named that is not there.
 */
export function annotationPath(repository: Repository, file: string, testPath: string): string | undefined {
  const own = repository.prefix + testPath;
  const path = file.replaceAll('\\', '/').replace(/^(?:\.\/+)+/, '');
  if (path === '' || /\p{Cc}/u.test(path) || path.split('/').includes('..')) return undefined;
  if (path === testPath || path === own) return own;
  if (/^(?:\/|[A-Za-z]:)/.test(path)) return isOwnElsewhere(repository, path, testPath) ? own : undefined;
  const found = foundAs(repository, path);
  // A short name that ends the job's own path, as it looks from a folder of tests, unless it is another file's too.
  if (own.endsWith(`/${path}`)) return found === undefined ? own : undefined;
  return found;
}

/** The file that a relative path names, from the working directory or else from the root; undefined where both have one. */
function foundAs({ prefix, has }: Repository, path: string): string | undefined {
  const isHere = has(prefix + path);
  const isAtRoot = has(path);
  if (isHere && isAtRoot && prefix !== '' && path.startsWith(prefix)) return undefined;
  if (isHere) return prefix + path;
  return isAtRoot ? path : undefined;
}

/** Whether this whole path is the job's file, on whichever host: unless a longer end of it is another file here. */
function isOwnElsewhere({ prefix, has }: Repository, path: string, testPath: string): boolean {
  if (!path.endsWith(`/${testPath}`)) return false;
  const above = path.slice(0, -testPath.length - 1).split('/');
  return !above.some((_, index) => {
    const longer = `${above.slice(index).join('/')}/${testPath}`;
    return longer !== prefix + testPath && (has(prefix + longer) || has(longer));
  });
}
