import { formatDuration } from '../../../protocol/durations.ts';
import type { AppFile, DeviceInstall } from '../device.ts';
import type { Adb, AdbEnd } from './adb.ts';
import { bringBack } from './bring-back.ts';
import { type Cure, cureOf } from './install-outcomes.ts';

export interface PhoneInstall {
  readonly adb: Adb;
  readonly serial: string;
  readonly app: AppFile;
  /** For all tries together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

const notForPhones =
  'an Android phone takes an APK; what was registered for this app version is none (an App Bundle has to be built as an APK first)';

/** How long a phone that was reconnected may take to be there again. */
const backMs = 15_000;
const shortMs = 10_000;

/** Puts an app on a phone, with one more try where that can help. */
export async function installOnPhone(install: PhoneInstall): Promise<DeviceInstall> {
  if (!install.app.path.endsWith('.apk'))
    return { ok: false, installs: 0, class: 'build_error', why: notForPhones };
  const limit = install.now() + install.timeoutMs;
  const first = await tryOnce(install, limit);
  if (first.ok) return { ok: true, installs: 1 };
  const { cure } = first;
  if (!('again' in cure) || install.signal.aborted) return failed(first, 1);
  await cures[cure.again](install);
  const second = await tryOnce(install, limit);
  return second.ok ? { ok: true, installs: 2 } : failed(second, 2);
}

type Tried = { readonly ok: true } | { readonly ok: false; readonly words: string; readonly cure: Cure };

/** Replaces what is there, with all permissions, test builds and older versions too. */
export const installWords = (serial: string, path: string): string[] => [
  ...['-s', serial, 'install', '-r', '-t', '-g', '-d'],
  path,
];

async function tryOnce({ adb, serial, app, signal, now }: PhoneInstall, limit: number): Promise<Tried> {
  const timeoutMs = Math.max(1, Math.ceil(limit - now()));
  const end = await adb.runMarked(installWords(serial, app.path), { timeoutMs, signal });
  const said = wordsOf(end);
  // Old phones fail with the exit 0.
  if (end.code === 0 && /^Success$/m.test(end.stdout) && !/Failure \[/.test(said)) return { ok: true };
  if (end.isLate)
    return {
      ok: false,
      words: `no end after ${formatDuration(timeoutMs)}`,
      cure: { else: 'install_failed' },
    };
  return { ok: false, words: said, cure: cureOf(said) };
}

const wordsOf = ({ stdout, stderr }: AdbEnd): string =>
  `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(Performing|Serving|All files)/.test(line))
    .join('\n');

function failed({ words, cure }: Extract<Tried, { ok: false }>, installs: number): DeviceInstall {
  const hint = 'hint' in cure && cure.hint ? ` (${cure.hint})` : '';
  const why =
    cure.else === 'infra_error' && !/Failure/.test(words)
      ? `${words || 'no reason given'}: is the phone there?`
      : words;
  return { ok: false, installs, class: cure.else, why: `${why}${hint}` };
}

const cures: Record<'uninstall' | 'make room' | 'reconnect', (install: PhoneInstall) => Promise<void>> = {
  /** Its data is lost: the app on the phone is another one under the same name. */
  uninstall: async ({ adb, serial, app, signal }) => {
    if (app.packageName)
      await adb.run(['-s', serial, 'uninstall', app.packageName], { timeoutMs: 60_000, signal });
  },
  'make room': async ({ adb, serial, signal }) => {
    await adb.shell(serial, 'rm -rf /data/local/tmp/*.apk; pm trim-caches 1G', { timeoutMs: 60_000, signal });
  },
  reconnect: async ({ adb, serial, signal }) => {
    await bringBack(adb, serial, { timeoutMs: shortMs, signal });
    await adb.run(['-s', serial, 'wait-for-device'], { timeoutMs: backMs, signal });
  },
};
