import { inNewSpace, type NewSpace } from './in-new-space.ts';
import { type LeaseWork, runLeaseChild } from './lease-work.ts';

const longestAskMs = 60_000;

/**
 * The versions of npm and Node and what npm is set to, as programs of a lease find them before any of its source has run: the
 * answer is every lease's. Undefined where npm does not say it.
 */
export async function npmOf(work: LeaseWork, signal: AbortSignal): Promise<string | undefined> {
  const said = await work.agent.packages.manager(() => inNewSpace(work, ask)).catch(() => undefined);
  signal.throwIfAborted();
  return said;
}

async function ask({ work, top }: NewSpace): Promise<string> {
  const words = [
    ['version', '--json'],
    ['config', 'get', 'ignore-scripts'],
  ];
  const asked = words.map((some) => askNpm(work, some, top));
  // Both to their ends: the space goes with the answer.
  await Promise.allSettled(asked);
  const [versions, ignoresScripts] = await Promise.all(asked);
  return `${versions}\n${process.platform} ${process.arch}\nignore-scripts=${ignoresScripts}`;
}

async function askNpm(work: LeaseWork, words: readonly string[], cwd: string): Promise<string> {
  const out: Buffer[] = [];
  const command = { argv: ['npm', ...words], cwd, env: { ...work.agent.config.childEnv } };
  const end = await runLeaseChild(work, command, {
    onOutput: (bytes, stream) => void (stream === 'stdout' && out.push(bytes)),
    timeoutMs: longestAskMs,
    stop: new AbortController().signal,
  });
  const said = Buffer.concat(out).toString('utf8').trim();
  if (end.code !== 0 || said === '') throw new Error(`npm ${words.join(' ')} ended with ${end.code}`);
  return said;
}
