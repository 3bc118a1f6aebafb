import type { ChildEnd, Command, OutputStream } from '../../children/run-child.ts';
import type { BatchListener, BatchProcess, BatchRest } from '../batch.ts';
import { describeEnd } from '../describe-end.ts';
import type { OutsideFile } from '../request.ts';
import { writeOrder } from '../write-order.ts';
import { EventSplitter } from './event-splitter.ts';
import type { Channel } from './generate-config.ts';
import { ToldFile } from './told-file.ts';
import { type RunEnd, ToldRun } from './told-run.ts';
import { Told } from './told-shape.ts';

/** What a process of Playwright is made of. */
export interface PlaywrightParts {
  readonly command: Command;
  readonly config: OutsideFile;
  readonly channel: Channel;
  /** Absolute, links resolved. */
  readonly root: string;
  /** Test paths by their absolute paths, with the number of selected tests. */
  readonly files: ReadonlyMap<string, { readonly testPath: string; readonly selected: number | undefined }>;
}

/** One process of Playwright Test, with one worker, that runs several files. See reporter.cjs and worker.cjs. */
export class PlaywrightProcess implements BatchProcess {
  readonly command: Command;
  readonly outside: readonly OutsideFile[];
  readonly #control: string;
  readonly #paths: ReadonlyMap<string, string>;
  readonly #run: ToldRun;
  readonly #splitter: EventSplitter;
  readonly #listener: BatchListener;

  constructor({ command, config, channel, root, files }: PlaywrightParts, listener: BatchListener) {
    this.command = command;
    this.outside = [config];
    this.#control = channel.control;
    this.#listener = listener;
    this.#paths = new Map([...files].map(([path, { testPath }]) => [testPath, path]));
    const told = [...files].map(
      ([path, { testPath, selected }]) => [path, new ToldFile(testPath, selected)] as const,
    );
    this.#run = new ToldRun(root, new Map(told), listener);
    this.#splitter = new EventSplitter(
      channel.nonce,
      (bytes) => listener.output(this.#run.speaker, bytes),
      (json) => this.#take(json),
    );
  }

  /** A blob is on the disk before its file is known to run. See blobs.cjs. */
  ownerOf(name: string): string | undefined {
    const [, number] = /^qgjob-blob\/[0-9a-f-]{36}-(\d+)\.jsonl$/.exec(name) ?? [];
    return [...this.#paths.keys()][Number(number) - 1];
  }

  read(bytes: Buffer, stream: OutputStream): void {
    if (stream === 'stdout') this.#splitter.write(bytes);
    else this.#listener.output(this.#run.speaker, bytes);
  }

  /** What is no event of ours is left out: then its file has no end, and no verdict from here. */
  #take(json: string): void {
    const told = Told.safeParse(parse(json)).data;
    if (told) this.#run.take(told);
  }

  endTest(testPath: string): void {
    this.#order({ order: 'end', file: this.#paths.get(testPath) });
  }

  killTest(testPath: string): void {
    this.#order({ order: 'kill', file: this.#paths.get(testPath) });
  }

  endRest(): void {
    this.#run.shorten();
    this.#order({ order: 'end-rest' });
  }

  #order(order: object): void {
    writeOrder(this.#control, order);
  }

  async close(end: ChildEnd, tail: string): Promise<ReadonlyMap<string, BatchRest>> {
    this.#splitter.end();
    return this.#run.close(describe(end, tail));
  }
}

/** An event has no more levels; a text with a million of them would take JSON.parse half a second. */
const deepest = 10;

function parse(json: string): unknown {
  try {
    return depthOf(json) > deepest ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

const marks = /[[{\]}]|"[^"\\]*(?:\\.[^"\\]*)*"/gs;

/** The most levels of lists and objects that are open at once; it need not be right for what is no JSON. */
function depthOf(json: string): number {
  let [depth, most] = [0, 0];
  for (const [mark] of json.matchAll(marks)) {
    if (mark === '[' || mark === '{') depth += 1;
    else if (mark === ']' || mark === '}') depth -= 1;
    most = Math.max(most, depth);
    if (most > deepest) break;
  }
  return most;
}

function describe(end: ChildEnd, tail: string): RunEnd {
  const { how } = describeEnd(end, 'it');
  const exit = end.code === 0 ? 'passed' : end.code === 1 ? 'failed' : 'broken';
  const isStopped = end.stopped !== undefined;
  return { exit, how, quoted: tail === '' ? how : `${how}:\n${tail}`, isStopped };
}
