import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readActionYml } from '../../scripts/action-yml.ts';
import { parseCommands, parsePairs, type WorkflowCommand } from './action-commands.ts';

const root = join(import.meta.dirname, '../..');
const action = readActionYml(join(root, 'action.yml'));
/** The Node that runs the bundle. A runner has its own Node, which may be older than this project's. */
const node = process.env.QGJOB_ACTION_NODE ?? process.execPath;
const files = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY'] as const;

export interface StepOptions {
  /** The `with` of the step. */
  readonly inputs: Readonly<Record<string, string>>;
  /** GITHUB_WORKSPACE. */
  readonly workspace: string;
  /** The event that started the workflow; by default a push. */
  readonly event?: { readonly name: string; readonly payload: unknown };
  /** The job's matrix context; by default none. */
  readonly matrix?: unknown;
  /** `github.token`; by default none, so that nothing is written to GitHub. */
  readonly githubToken?: string;
  /** More variables. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface PhaseResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** stdout and stderr, in the order of their output. */
  readonly log: string;
  readonly stderr: string;
  readonly commands: readonly WorkflowCommand[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What it wrote to GITHUB_ENV and GITHUB_PATH. */
  readonly environment: string;
}

/** A running phase. */
export interface Phase {
  readonly child: ChildProcess;
  readonly done: Promise<PhaseResult>;
  /** Resolves with the match when the log has it; rejects if the phase ends before. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
}

export const sha = '1111111111111111111111111111111111111111';

/** Starts the main phase of the committed bundle, as the runner does: without this process's environment. */
export function startMain(options: StepOptions): Phase {
  return startPhase(action.runs.main, options, {});
}

/** Runs the post phase, with the state that the main phase saved. */
export function runPost(options: StepOptions, main: PhaseResult): Promise<PhaseResult> {
  const state = Object.entries(main.state).map(([name, value]) => [`STATE_${name}`, value]);
  return startPhase(action.runs.post, options, Object.fromEntries(state)).done;
}

export const runMain = (options: StepOptions): Promise<PhaseResult> => startMain(options).done;

function startPhase(script: string, options: StepOptions, state: Record<string, string>): Phase {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-step-'));
  for (const name of files) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'event.json'), JSON.stringify(options.event?.payload ?? {}));
  const env = { ...runnerEnv(options, folder), ...inputEnv(options), ...state };
  const child = spawn(node, [join(root, script)], { cwd: options.workspace, env });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return watch(child, folder);
}

/** `INPUT_<NAME>`: in upper case, blanks as `_`, hyphens unchanged. Defaults come from action.yml. */
function inputEnv({ inputs, matrix = null, githubToken = '' }: StepOptions): Record<string, string> {
  const contexts: Readonly<Record<string, string>> = {
    '${{ toJSON(matrix) }}': JSON.stringify(matrix),
    '${{ job.check_run_id }}': '',
    '${{ github.token }}': githubToken,
  };
  const defaults = Object.entries(action.inputs).map(([name, { default: given = '' }]) => [
    name,
    contexts[given] ?? given,
  ]);
  const all = { ...(Object.fromEntries(defaults) as Record<string, string>), ...inputs };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

function runnerEnv({ workspace, event, env }: StepOptions, folder: string): Record<string, string> {
  return {
    PATH: `${dirname(node)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: folder,
    RUNNER_TEMP: folder,
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_REPOSITORY_ID: '4711',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_EVENT_NAME: event?.name ?? 'push',
    GITHUB_EVENT_PATH: join(folder, 'event.json'),
    GITHUB_SHA: sha,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW: 'app tests',
    GITHUB_JOB: 'app-tests',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_ACTION: 'qgjob',
    ...Object.fromEntries(files.map((name) => [`GITHUB_${name}`, join(folder, name)])),
    ...env,
  };
}

function watch(child: ChildProcess, folder: string): Phase {
  let log = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const append = (text: string): void => {
    log += text;
    for (const watcher of watchers) watcher();
  };
  child.stdout?.setEncoding('utf8').on('data', append);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    append(text);
  });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const done = new Promise<PhaseResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({
        ...{ code, signal, log, stderr, commands: parseCommands(log), summary: read('STEP_SUMMARY') },
        ...{ outputs: parsePairs(read('OUTPUT')), state: parsePairs(read('STATE')) },
        environment: read('ENV') + read('PATH'),
      });
    });
  });
  const logged = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(log);
        if (match) resolve(match);
      };
      watchers.add(look);
      void done.then(() => reject(new Error(`the log never showed ${pattern}:\n${log}`)), reject);
      look();
    });
  return { child, done, logged };
}
