import { spawn } from 'node:child_process';
import { environment, type Variables } from '../config.ts';

/** Opens an address in a browser; false where none can be started. Does not wait for its end. */
export async function openBrowser(url: string): Promise<boolean> {
  const [program = '', ...words] = browserCommand(url, environment(), process.platform);
  const child = spawn(program, words, { stdio: 'ignore', detached: true });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once('spawn', () => resolve(true));
  child.once('error', () => resolve(false));
  child.unref();
  return promise;
}

/** The words that open an address: those of BROWSER, in which %s is the address, or the system's own. */
export function browserCommand(url: string, { BROWSER: wanted }: Variables, platform: string): string[] {
  const [words] = (wanted ?? '').split(':').filter(Boolean);
  if (words !== undefined) {
    const parts = words.trim().split(/\s+/);
    return parts.includes('%s') ? parts.map((part) => (part === '%s' ? url : part)) : [...parts, url];
  }
  if (platform === 'darwin') return ['open', url];
  // `start` takes the first quoted word for a title.
  return platform === 'win32' ? ['cmd', '/c', 'start', '""', url.replaceAll('&', '^&')] : ['xdg-open', url];
}
