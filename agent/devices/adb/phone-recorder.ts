import { createHash } from 'node:crypto';
import { within } from '../../within.ts';
import type { RecordedAttempt, RecordedResult, Recording } from '../recording.ts';
import type { Adb } from './adb.ts';
import { PhoneLog } from './phone-log.ts';
import { remoteFolder, ScreenRecording } from './screen-recording.ts';

export interface RecorderOptions {
  readonly adb: Adb;
  readonly serial: string;
  readonly logcat: boolean;
  readonly video: 'off' | 'on' | 'failed';
  /** Begins the names of our files on the phone. */
  readonly prefix: string;
}

const callMs = 10_000;
const disposeMs = 5000;

/** Records attempts on one phone: one at a time, since many phones have one encoder. */
export class PhoneRecorder {
  readonly #options: RecorderOptions;
  readonly #over = new AbortController();
  readonly #open = new Set<PhoneRecording>();
  /** What an earlier process left, or could not remove, may be on the phone. */
  #isUnclean = true;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  async record(attempt: RecordedAttempt): Promise<Recording | undefined> {
    const { logcat, video } = this.#options;
    if (!logcat && video === 'off') return undefined;
    const before = Promise.all([...this.#open].map((one) => one.seal()));
    const recording = new PhoneRecording(this.#options, attempt, this.#over.signal);
    this.#open.add(recording);
    await recording.begin(before);
    return {
      end: (result) => recording.end(result).finally(() => this.#close(recording)),
    };
  }

  #close(recording: PhoneRecording): void {
    this.#open.delete(recording);
    if (!recording.isGone) this.#isUnclean = true;
  }

  /** Ends recordings that were left on the phone and removes their files. Never throws; done once where that worked. */
  async clean(): Promise<void> {
    if (!this.#isUnclean || this.#open.size > 0) return;
    const { adb, serial, prefix } = this.#options;
    // The brackets keep the expression from finding the shell that it stands in.
    const words = `pkill -9 -f '[s]creenrecord .*${prefix}'; rm -f ${remoteFolder}/${prefix}*`;
    const answer = await adb.shell(serial, words, { timeoutMs: callMs }).catch(() => 'cut');
    this.#isUnclean = typeof answer !== 'object';
  }

  /** Ends what records and drops it. A phone that does not answer holds nothing up. */
  async dispose(): Promise<void> {
    const dropped = Promise.all([...this.#open].map((one) => one.drop().finally(() => this.#close(one))));
    await within(disposeMs, dropped);
    this.#over.abort();
    await dropped;
  }
}

/** The log and the screen of a phone during one attempt. */
class PhoneRecording {
  readonly #options: RecorderOptions;
  readonly #folder: string;
  readonly #log: PhoneLog | undefined;
  readonly #screen: ScreenRecording | undefined;
  readonly #problems: string[] = [];
  #sealed: Promise<void> | undefined;
  /** Nothing of it is on the phone any more. */
  isGone = false;

  constructor(options: RecorderOptions, attempt: RecordedAttempt, over: AbortSignal) {
    const { adb, serial, logcat, video, prefix } = options;
    this.#options = options;
    this.#folder = attempt.folder;
    if (logcat) this.#log = new PhoneLog(adb, serial, attempt.folder, over);
    const name = `${prefix}${nameOf(attempt)}`;
    if (video !== 'off') this.#screen = new ScreenRecording(adb, serial, name, over);
  }

  /** The screen is recorded once the recording before it is over. */
  async begin(before: Promise<unknown>): Promise<void> {
    await this.#log?.begin();
    void before.then(() => this.#sealed ?? this.#screen?.begin());
  }

  /** From now on nothing more is recorded. Never throws. */
  seal(): Promise<void> {
    this.#sealed ??= this.#seal();
    return this.#sealed;
  }

  async #seal(): Promise<void> {
    const ends = await Promise.allSettled([this.#log?.end(), this.#screen?.stop()]);
    for (const end of ends) if (end.status === 'rejected') this.#problems.push((end.reason as Error).message);
  }

  async end({ verdict }: RecordedResult): Promise<void> {
    await this.seal();
    const isKept = this.#options.video === 'on' || verdict !== 'passed';
    if (isKept)
      await this.#screen?.pull(this.#folder).catch((error: Error) => this.#problems.push(error.message));
    this.isGone = (await this.#screen?.remove()) ?? true;
    if (this.#problems.length > 0) throw new Error(this.#problems.join('; '));
  }

  async drop(): Promise<void> {
    await this.seal();
    this.isGone = (await this.#screen?.remove()) ?? true;
  }
}

/** Server's ids are no names of files. */
const nameOf = ({ leaseId, jobId, attempt }: RecordedAttempt): string =>
  createHash('sha256').update(`${leaseId} ${jobId} ${attempt}`).digest('hex').slice(0, 16);
