// A stand-in for Apple's xcrun, run as a program: it answers the calls of simctl and devicectl that are used here in the shapes
// that their documentation shows. It never ran beside a real one: no Mac was there to try.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Listed {
  readonly udid: string;
  readonly name: string;
  state: string;
  isAvailable: boolean;
  readonly apps: string[];
}

const [folder = '', ...words] = process.argv.slice(2);
const has = (name: string): boolean => existsSync(join(folder, name));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const note = (line: string): void => appendFileSync(join(folder, 'calls'), `${line}\n`);

const simulators = (): Record<string, Listed[]> => JSON.parse(read('simulators.json'));
function change(work: (all: Record<string, Listed[]>) => void): void {
  const all = simulators();
  work(all);
  writeFileSync(join(folder, 'simulators.json'), JSON.stringify(all));
}
function changeOne(udid: string, work: (one: Listed) => void): void {
  change((all) => {
    for (const one of Object.values(all).flat()) if (one.udid === udid) work(one);
  });
}

function fail(code: number, text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = code;
}

type Verb = (udid: string, ...rest: string[]) => void | Promise<void>;

const simctl: Readonly<Record<string, Verb>> = {
  list: (what) => {
    const types = ['iPhone 15', 'iPhone 16', 'iPhone 16 Pro', 'iPad Air'].map((name) => ({ name }));
    process.stdout.write(
      JSON.stringify(what === 'devices' ? { devices: simulators() } : { devicetypes: types }),
    );
  },
  create: (name, _type, runtime = 'com.apple.CoreSimulator.SimRuntime.iOS-18-0') => {
    const udid = `MADE-${process.pid}`;
    change((all) => {
      all[runtime] = [
        ...(all[runtime] ?? []),
        { udid, name, state: 'Shutdown', isAvailable: true, apps: [] },
      ];
    });
    process.stdout.write(`${udid}\n`);
  },
  delete: (udid) =>
    change((all) => {
      for (const [runtime, some] of Object.entries(all))
        all[runtime] = some.filter((one) => one.udid !== udid);
    }),
  shutdown: (udid) =>
    changeOne(udid, (one) => {
      one.state = 'Shutdown';
    }),
  bootstatus: async (udid) => {
    while (has('hold')) await sleep(20);
    if (has('boot-failure')) return fail(1, read('boot-failure'));
    changeOne(udid, (one) => {
      one.state = 'Booted';
    });
  },
  install: (udid, path) => {
    if (has('install-failure')) return fail(1, read('install-failure'));
    changeOne(udid, (one) => one.apps.push(basename(path ?? '', '.app')));
    note(`installed ${basename(path ?? '', '.app')}`);
  },
  uninstall: (udid, bundle) =>
    changeOne(
      udid,
      (one) => void one.apps.splice(0, one.apps.length, ...one.apps.filter((app) => app !== bundle)),
    ),
  privacy: () => undefined,
  get_app_container: (udid, bundle = '') => {
    const one = Object.values(simulators())
      .flat()
      .find((it) => it.udid === udid);
    if (!one?.apps.includes(bundle))
      return fail(
        2,
        'An error was encountered (domain=NSPOSIXErrorDomain, code=2): No such file or directory',
      );
    const installs = read('calls').split(`installed ${bundle}\n`).length;
    process.stdout.write(`/devices/${udid}/containers/${installs}/${bundle}.app\n`);
  },
  io: async (_udid, ...rest) => {
    const file = rest.at(-1) ?? '';
    const interrupted = new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
    writeFileSync(file, 'torn');
    process.stderr.write('Recording started\n');
    await interrupted;
    writeFileSync(file, 'whole');
  },
  spawn: async () => {
    process.stdout.write('Filtering the log data\n');
    while (!has('line')) await sleep(20);
    process.stdout.write(read('line'));
    await new Promise(() => undefined);
  },
};

function devicectl(rest: readonly string[]): void {
  const out = rest[rest.indexOf('--json-output') + 1] ?? '';
  const answer = (result: unknown): void =>
    writeFileSync(out, JSON.stringify({ info: { outcome: 'success' }, result }));
  if (rest[0] === 'list') answer({ devices: JSON.parse(read('devices.json')) });
  else if (rest[1] === 'info') answer({ apps: [] });
  else if (rest[1] === 'install' && has('install-failure')) fail(1, read('install-failure'));
  else answer({});
}

// Keeps it running while it waits for a signal.
const waiting = setInterval(() => undefined, 1000);
note(words.join(' '));
const [tool, verb = '', ...rest] = words;
if (tool === 'devicectl') devicectl([verb, ...rest]);
else if (tool === 'xcodebuild') process.stdout.write('Xcode 16.2\nBuild version 16C5032a\n');
else await simctl[verb]?.(rest[0] ?? '', ...rest.slice(1));
clearInterval(waiting);
