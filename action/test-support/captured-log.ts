import { afterEach, beforeEach, vi } from 'vitest';

/** What the tests of this file print, each from its own beginning on; none of it is shown. */
export function captureLog(): () => string {
  let log = '';
  beforeEach(() => {
    log = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      log += String(text);
      return true;
    });
  });
  afterEach(() => vi.restoreAllMocks());
  return () => log;
}
