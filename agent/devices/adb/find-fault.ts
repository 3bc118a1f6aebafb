import type { Fault } from '../fault.ts';

/** What a phone must have to be given tests. */
export interface PhoneLimits {
  /** Percent. */
  readonly minBattery: number;
  /** MiB free in /data. */
  readonly minFreeMb: number;
  /** °C of the battery. */
  readonly maxTemperature: number;
}

/** One script, so that a look at a phone costs one call. Each part begins with a line of its own name. */
export const lookScript = [
  ['boot', 'getprop sys.boot_completed'],
  ['release', 'getprop ro.build.version.release'],
  ['model', 'getprop ro.product.model'],
  ['battery', 'dumpsys battery'],
  ['storage', 'df -k /data'],
  [
    'window',
    'dumpsys window displays 2>/dev/null | grep mCurrentFocus || dumpsys window | grep mCurrentFocus',
  ],
  ['clock', 'date +%s'],
]
  .map(([name, command]) => `echo qgjob-part ${name}; ${command}`)
  .join('; ');

export type Look = ReadonlyMap<string, string>;

/** The parts of what `lookScript` printed. */
export function parseLook(text: string): Look {
  const parts = text.split(/^qgjob-part (\w+)$/m).slice(1);
  return new Map(
    Array.from({ length: parts.length / 2 }, (_, n) => [parts[2 * n] ?? '', (parts[2 * n + 1] ?? '').trim()]),
  );
}

/** Dialogs that stand before any app: an app that does not answer, or has crashed. */
const dialog = /mCurrentFocus=.*?(Application Not Responding|Application Error): ([\w.]+)/;
/** Apps of the system: what they do is no test's. */
const ofSystem = /^(android|com\.android\.\w+|com\.google\.android\.\w+)(\.|$)/;
/** Certificates and tokens of an app fail with a clock that is further off. In s. */
const mostSkew = 600;

/** What is wrong with a phone that answers; undefined: nothing. `now` in epoch ms. A part that cannot be read is no fault. */
export function findFault(look: Look, limits: PhoneLimits, now: number): Fault | undefined {
  const part = (name: string): string => look.get(name) ?? '';
  if (part('boot') !== '1') return { why: 'it is still booting', breaksTests: true };
  const [, words, app] = dialog.exec(part('window')) ?? [];
  // The app under test may have crashed: that is the test's own failure, and a verdict.
  if (words && app) {
    const why = `a dialog is in the way: ${words}`;
    return { why, detail: app, breaksTests: ofSystem.test(app) };
  }
  const battery = numberIn(part('battery'), /^\s*level: (\d+)/m);
  if (battery < limits.minBattery)
    return soft(`its battery is at ${battery} % (${limits.minBattery} % needed)`);
  const heat = numberIn(part('battery'), /^\s*temperature: (\d+)/m) / 10;
  if (heat > limits.maxTemperature) return soft(`it is hot: ${heat} °C (at most ${limits.maxTemperature})`);
  const freeMb = Math.floor(freeKib(part('storage')) / 1024);
  if (freeMb < limits.minFreeMb)
    return soft(`${freeMb} MB are free in /data (${limits.minFreeMb} MB needed)`);
  const skew = Math.abs(numberIn(part('clock'), /^(\d{9,})$/m) - now / 1000);
  return skew > mostSkew ? soft(`its clock is ${Math.round(skew / 60)} min off`) : undefined;
}

/** Tests that run already may end. */
const soft = (why: string): Fault => ({ why, breaksTests: false });

/** NaN where the text does not say it; NaN is neither too small nor too large. */
const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);

/** The fourth column of the last line of `df -k`. */
const freeKib = (text: string): number =>
  Number(text.split('\n').at(-1)?.trim().split(/\s+/)[3] ?? Number.NaN);
