import type { ChildEnd, Command, OutputStream } from '../../children/run-child.ts';
import type { BatchListener, BatchProcess, BatchRest } from '../batch.ts';
import { describeEnd } from '../describe-end.ts';
import { EventSplitter } from '../playwright/event-splitter.ts';
import type { OutsideFile } from '../request.ts';
import { writeOrder } from '../write-order.ts';
import { ToldFile } from './told-file.ts';
import { type RunEnd, ToldRun } from './told-run.ts';
import { Told } from './told-shape.ts';
import { WithoutMarks } from './without-marks.ts';

/** What a process is made of whose reporter tells what happens. */
export interface ToldParts {
  readonly command: Command;
  readonly outside: readonly OutsideFile[];
  /** In the mark of each event: the output of a test is not taken for one. */
  readonly nonce: string;
  /** A file in which the reporter finds orders, one JSON a line. */
  readonly control: string;
  /** Test paths by their absolute paths. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * One process that runs several files, of which a reporter of ours tells over its standard output. No file can be ended
 * without the process: what a test that is given up has begun would go on beside the next one, on the same device.
 */
export class ToldProcess implements BatchProcess {
  readonly command: Command;
  readonly outside: readonly OutsideFile[];
  readonly #control: string;
  readonly #run: ToldRun;
  readonly #splitter: EventSplitter;
  readonly #output: WithoutMarks;
  readonly #listener: BatchListener;

  constructor({ command, outside, nonce, control, files }: ToldParts, listener: BatchListener) {
    this.command = command;
    this.outside = outside;
    this.#control = control;
    this.#listener = listener;
    const told = [...files].map(([path, testPath]) => [path, new ToldFile(testPath)] as const);
    this.#run = new ToldRun(new Map(told), listener);
    this.#output = new WithoutMarks((bytes) => listener.output(this.#run.speaker, bytes));
    this.#splitter = new EventSplitter(
      nonce,
      (bytes) => this.#output.write(bytes),
      (json) => this.#take(json),
    );
  }

  read(bytes: Buffer, stream: OutputStream): void {
    if (stream === 'stdout') this.#splitter.write(bytes);
    else this.#listener.output(this.#run.speaker, bytes);
  }

  #take(json: string): void {
    this.#output.mark();
    const told = Told.safeParse(parse(json)).data;
    if (told) this.#run.take(told);
    else this.#run.garble();
  }

  endTest(): void {
    // See above.
  }

  killTest(): void {
    // See above.
  }

  endRest(): void {
    this.#run.shorten();
    writeOrder(this.#control, { order: 'end-rest' });
  }

  async close(end: ChildEnd, tail: string): Promise<ReadonlyMap<string, BatchRest>> {
    this.#splitter.end();
    this.#output.end();
    return this.#run.close(describe(end, tail));
  }
}

/** An event has few levels; JSON.parse takes a while for a text with a million of them. */
const mostBrackets = 20_000;

function parse(json: string): unknown {
  try {
    return json.split(/[[{]/, mostBrackets).length < mostBrackets ? JSON.parse(json) : undefined;
  } catch {
    return undefined;
  }
}

function describe(end: ChildEnd, tail: string): RunEnd {
  const { how } = describeEnd(end, 'it');
  const exit = end.code === 0 ? 'passed' : end.code === 1 ? 'failed' : 'broken';
  return { exit, how, quoted: tail === '' ? how : `${how}:\n${tail}`, isStopped: end.stopped !== undefined };
}
