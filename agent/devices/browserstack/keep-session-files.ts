import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackApi } from './api/call.ts';
import { fetchFile } from './api/fetch-file.ts';
import { readSession } from './api/read-session.ts';
import type { Session } from './api/session.ts';

const kinds = {
  'video.mp4': 'video_url',
  'device.log': 'device_logs_url',
  'appium.log': 'appium_logs_url',
  'selenium.log': 'selenium_logs_url',
  'console.log': 'browser_console_logs_url',
  'network.har': 'har_logs_url',
  'session.log': 'logs',
} as const satisfies Readonly<Record<string, keyof Session>>;
type FileName = keyof typeof kinds;

/** A video is made after the end of its session: until then it is refused, or empty. The others are there at once, or soon. */
const triesOf = (name: FileName): number => (name === 'video.mp4' ? Number.POSITIVE_INFINITY : 3);

export interface FilesToKeep {
  /** Absolute; made here. */
  readonly folder: string;
  /** Before each further try, in ms; the last one repeats. */
  readonly pausesMs: readonly number[];
  readonly signal: AbortSignal;
}

/** Fetches the video and the logs of a session that has ended. Answers the names of those that did not come until the signal. */
export async function keepSessionFiles(
  api: StackApi,
  session: Session,
  options: FilesToKeep,
): Promise<string[]> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const names = (Object.keys(kinds) as FileName[]).filter((name) => session[kinds[name]]);
  const came = await Promise.all(
    names.map((name) => keepOne(api, session, name, options).catch(() => false)),
  );
  return names.filter((_, index) => !came[index]);
}

async function keepOne(
  api: StackApi,
  session: Session,
  name: FileName,
  { folder, pausesMs, signal }: FilesToKeep,
): Promise<boolean> {
  let link = session[kinds[name]];
  for (let tried = 0; link; ) {
    if (await fetchFile(api, link, join(folder, name), signal)) return true;
    tried += 1;
    if (tried >= triesOf(name)) return false;
    await sleep(pausesMs[Math.min(tried, pausesMs.length) - 1] ?? 0, undefined, { signal });
    // The links of a session are good for a while only.
    link = (await readSession(api, session.hashed_id, { signal }).catch(() => session))[kinds[name]];
  }
  return false;
}
