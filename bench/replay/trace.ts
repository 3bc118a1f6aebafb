import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const maxBuffer = 2 ** 30;

export interface TraceDevice {
  readonly id: string;
  readonly target: string;
}

/**
 * A job of a submission. `simulate`: how long a simulated device sleeps, wall-clock seconds; nothing else may read it.
 */
export interface TraceJob {
  readonly id: string;
  readonly app_version: string;
  readonly target: string;
  readonly priority: number;
  /** The predicted duration, seconds of the trace. */
  readonly est: number;
  readonly simulate: { readonly test_s: number; readonly install_s: number };
}

export interface TraceRun {
  /** Wall-clock seconds since the start. */
  readonly at: number;
  readonly org: string;
  readonly jobs: readonly TraceJob[];
}

export interface Trace {
  readonly devices: readonly TraceDevice[];
  readonly runs: readonly TraceRun[];
}

/** A line of `submissions`, as the evaluator prints them. */
type Line =
  | { readonly do: 'register'; readonly device: string; readonly target: string }
  | ({ readonly do: 'submit' } & TraceRun);

export type Metrics = Readonly<Record<string, number | null>>;

/** Calls the evaluator's programs with files in one folder. */
export class Evaluator {
  readonly #evaluator: string;
  readonly #folder: string;
  readonly #trace: string;

  constructor(evaluator: string, folder: string) {
    this.#evaluator = evaluator;
    this.#folder = folder;
    this.#trace = join(folder, 'trace.json');
  }

  /** Reads one case with one seed; its times are divided by `speed`. */
  async readTrace(name: string, seed: number, speed: number): Promise<Trace> {
    await writeFile(this.#trace, await this.#node('trace.mjs', 'export', name, `--seed=${seed}`));
    const text = await this.#node('trace.mjs', 'submissions', this.#trace, `--speed=${speed}`);
    const lines = text
      .trim()
      .split('\n')
      .map((line): Line => JSON.parse(line));
    return {
      devices: lines.flatMap((line) =>
        line.do === 'register' ? [{ id: line.device, target: line.target }] : [],
      ),
      runs: lines.flatMap((line) => (line.do === 'submit' ? [line] : [])),
    };
  }

  /** Figures of a log. Throws if the log is not legal. */
  async score(events: readonly unknown[], speed: number): Promise<Metrics> {
    const file = join(this.#folder, 'events.ndjson');
    await writeFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return JSON.parse(
      await this.#node('trace.mjs', 'score', this.#trace, file, `--speed=${speed}`, '--slack=0.05'),
    );
  }

  /**
   * Figures of the same trace in virtual time, by policy: the real store behind its adapter, and the naive policies.
   */
  async simulate(adapter: string, name: string, seed: number): Promise<Record<string, Metrics>> {
    const [cases, results] = [join(this.#folder, 'cases.json'), join(this.#folder, 'simulated.json')];
    const all = JSON.parse(await readFile(join(this.#evaluator, 'public.json'), 'utf8'));
    const one = all.cases.find((testCase: { id: string }) => testCase.id === name);
    await writeFile(cases, JSON.stringify({ cases: [{ ...one, seeds: [seed] }] }));
    await this.#node('evaluate.mjs', '--policy', adapter, '--baselines', '--cases', cases, '--json', results);
    return JSON.parse(await readFile(results, 'utf8'))[name];
  }

  async #node(program: string, ...words: string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [join(this.#evaluator, program), ...words], { maxBuffer });
    return stdout;
  }
}
