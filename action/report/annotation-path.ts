/**
 * The path of a test's file in the repository, or undefined where it cannot be told. Reports name files as the agent's
 * host sees them: relative to its workspace, or with the whole path.
 */
export function annotationPath(prefix: string, file: string, testPath: string): string | undefined {
  const path = file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  if (/\p{Cc}/u.test(path)) return undefined;
  if (path === testPath || path.endsWith(`/${testPath}`)) return prefix + testPath;
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:/.test(path);
  if (path === '' || isAbsolute || path.split('/').includes('..')) return undefined;
  return prefix + path;
}
