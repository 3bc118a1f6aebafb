import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import type { Framework } from '../../protocol/states.ts';
import type { Command } from '../children/run-child.ts';
import { type AgentConfig, readConfig } from '../config.ts';
import { installWords } from '../devices/adb/install-app.ts';
import type { BatchRequest } from '../frameworks/batch.ts';
import { choosePreset } from '../frameworks/choose-preset.ts';
import type { Preset, TestRequest } from '../frameworks/preset.ts';
import { findSetUps } from '../sources/find-set-ups.ts';
import { packagesAbove, refuseTest } from '../sources/open-source.ts';
import { type PreparedRepro, prepareTest } from './prepare-test.ts';

/** A test of a job, and what is here of it. Paths are absolute. */
export interface WantedRepro {
  /** Settings of an agent; undefined: `qgjob.agent.json` here, where there is one. */
  readonly config: string | undefined;
  /** No variable that holds it reaches the test. */
  readonly token: string;
  readonly framework: Framework | null;
  readonly target: string;
  readonly testPath: string;
  readonly grep: string | undefined;
  /** By the names that the test finds. */
  readonly variables: Readonly<Record<string, string>>;
  /** A path or an address; empty without one. */
  readonly app: string;
  readonly device: string;
  /** Of the device here; undefined: the framework finds one. */
  readonly serial: string | undefined;
  /** What test paths are relative to. */
  readonly root: string;
  /** The top of what was unpacked; undefined: `root` is the person's own. */
  readonly top: string | undefined;
  /** Ours, for reports and what the test leaves. */
  readonly folder: string;
  /** Only the commands are wanted: nothing is there yet, and nothing is written. */
  readonly isPlan: boolean;
}

export type StepName = 'set-up' | 'install' | 'test';

/** A program to run, and in which way it differs from the person's own environment. */
export interface Step extends Command {
  readonly name: StepName;
  readonly own: Readonly<Record<string, string>>;
  /** Why it failed, by the last lines of its output, where its exit does not say it. */
  readonly refuse?: (tail: string) => string | undefined;
}

export interface PlannedRepro {
  readonly framework: string;
  /** Set-ups, the install, the test; in this order. */
  readonly steps: readonly Step[];
  readonly test: PreparedRepro;
  /** The signal at which the test writes its report and ends. */
  readonly ownSignal: NodeJS.Signals;
  /** Why an agent would not start the test with what is here now; undefined: it would. */
  readonly whyNot: string | undefined;
  /** What is here in another way than at an agent. */
  readonly notes: readonly string[];
}

/** How an agent with these settings would run the test here. Errors: `invalid`, where it would reject the job. */
export async function planRepro(wanted: WantedRepro): Promise<PlannedRepro> {
  const { root, top, testPath, grep } = wanted;
  const config = readConfig({ config: wanted.config, token: wanted.token });
  const preset = choosePreset(config.frameworks, wanted.framework, wanted.target);
  if ('rejected' in preset) throw invalid(`${preset.rejected}; --config names the settings of an agent`);
  if (grep !== undefined && !preset.knowsGrep)
    throw invalid(`the framework ${preset.name} cannot select tests by their titles, and the job has a grep`);
  // Nothing is there yet where only the plan is wanted.
  const why = existsSync(root) ? await refuseTest(root, testPath, top ? 'bundle' : 'workspace') : undefined;
  if (why !== undefined) throw invalid(why);
  const request = requestOf(wanted, config);
  const setUps = top === undefined ? [] : findSetUps(top, root, [testPath], config.setUp);
  const toStep = (name: StepName, command: Command): Step => ({
    ...command,
    name,
    own: without(command.env, config.childEnv),
  });
  const test = await prepareTest(preset, request, wanted.isPlan);
  return {
    framework: preset.name,
    steps: [
      ...setUps.map(({ argv, folder: cwd }) => toStep('set-up', { argv, cwd, env: config.childEnv })),
      ...installOf(preset, request, wanted, config).map((command) => ({
        ...command,
        ...toStep('install', command),
      })),
      toStep('test', test.command),
    ],
    ...{ test, ownSignal: preset.ownSignal },
    whyNot:
      'group' in preset && existsSync(root) ? preset.group(root, [{ testPath }])[0]?.rejected : undefined,
    notes: notesOf(wanted, preset),
  };
}

type Install = Command & Pick<Step, 'refuse'>;

/** The framework's own; else by adb, which needs the file. No param is for an install: it serves other runs too. */
function installOf(
  preset: Preset,
  request: TestRequest,
  { serial, app, root }: WantedRepro,
  { childEnv: env }: AgentConfig,
): Install[] {
  const noParams = Object.entries(request.env).filter(([name]) => !name.startsWith('QGJOB_PARAM_'));
  const own = preset.install?.({ ...request, env: Object.fromEntries(noParams) });
  if (own) return [own];
  if (preset.installsItself || serial === undefined || !isAbsolute(app) || !app.endsWith('.apk')) return [];
  return [{ argv: ['adb', ...installWords(serial, app)], cwd: root, env, refuse: refuseAdb }];
}

/** Old phones fail with the exit 0. */
const refuseAdb = (tail: string): string | undefined =>
  /^Success$/m.test(tail) && !/Failure \[/.test(tail) ? undefined : 'adb does not say that it was installed';

function notesOf({ top, serial, app, folder }: WantedRepro, preset: Preset): string[] {
  const above = top === undefined ? undefined : packagesAbove(folder);
  const isAway = serial !== undefined && app !== '' && !isAbsolute(app) && !preset.install;
  return [
    ...(above === undefined
      ? []
      : [
          `the tests find packages in ${above} too, which they would not at an agent; --dir names a folder that is not below it`,
        ]),
    ...(isAway ? ['the app is known by its address alone: put it on the device yourself'] : []),
  ];
}

const invalid = (why: string): QgjobError => new QgjobError('invalid', why);

function requestOf(wanted: WantedRepro, { childEnv }: AgentConfig): TestRequest & BatchRequest {
  const { root, top, testPath, app, device, folder, serial } = wanted;
  const [artifacts, deviceDir, junit] = ['artifacts', 'device', 'junit.xml'].map((name) =>
    join(folder, name),
  );
  return {
    ...{ root, app, device, testPath, folder, grep: wanted.grep, id: randomUUID() },
    ...{ artifacts: artifacts ?? '', deviceDir: deviceDir ?? '', junit: junit ?? '' },
    ...{ isOwnCopy: top !== undefined, isInstalled: false, tests: [{ testPath }] },
    env: {
      ...childEnv,
      ...(serial !== undefined && { ANDROID_SERIAL: serial, QGJOB_DEVICE_UDID: serial }),
      ...wanted.variables,
      QGJOB_APP: app,
      ...(isAbsolute(app) ? { QGJOB_APP_PATH: app } : app !== '' && { QGJOB_APP_URL: app }),
      ...{ QGJOB_DEVICE: device, QGJOB_DEVICE_DIR: deviceDir ?? '', QGJOB_ARTIFACTS: artifacts ?? '' },
      ...{ QGJOB_TEST: testPath, QGJOB_JUNIT: junit ?? '' },
    },
  };
}

/** The variables that the person does not have so; CI is among them for each test of an agent. */
const without = (
  env: Readonly<Record<string, string>>,
  host: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name, value]) => name === 'CI' || host[name] !== value));
