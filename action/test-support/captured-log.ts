import { afterEach, beforeEach, vi } from 'vitest';

/** Collects what each test of this file prints; nothing is shown. */
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
