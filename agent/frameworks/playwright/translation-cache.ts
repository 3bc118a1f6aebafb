/**
 * Playwright translates each file that it loads and keeps the translations by the files' paths, for ever, in the system's
 * temporary folder. Where the code's folder is removed after a lease, they go into a folder that is removed too.
 */
export const translationsIn = (folder: string): Readonly<Record<string, string>> => ({
  [cacheVariable]: `${folder}/translated`,
});

/** The oldest of its names, which all versions know. */
export const cacheVariable = 'PWTEST_CACHE_DIR';
