import type { Adb } from './adb.ts';

/** What adb says of a phone: `device` (it can be used), `offline`, `unauthorized`, `no permissions`… */
export type PhoneStates = ReadonlyMap<string, string>;

const timeoutMs = 10_000;
/** Phones of one host are looked at one after the other: an answer serves all of them. */
const freshMs = 1000;

/** The states of all phones of a host, by serial. */
export class PhoneList {
  readonly #adb: Adb;
  readonly #now: () => number;
  #answer: Promise<PhoneStates> | undefined;
  #at = 0;

  constructor(adb: Adb, now: () => number = () => performance.now()) {
    this.#adb = adb;
    this.#now = now;
  }

  /** Throws, with words, when there is no adb or it does not answer. */
  read(): Promise<PhoneStates> {
    if (this.#answer === undefined || this.#now() - this.#at > freshMs) {
      this.#at = this.#now();
      this.#answer = this.#read();
    }
    return this.#answer;
  }

  async #read(): Promise<PhoneStates> {
    const { stdout, isLate } = await this.#adb.run(['devices'], { timeoutMs });
    if (isLate) throw new Error('adb does not answer on this host');
    return parseDevices(stdout);
  }
}

/** Reads `adb devices`: a serial, a tab, and a state that may hold blanks, a line. */
export function parseDevices(text: string): PhoneStates {
  const lines = text.split(/\r?\n/).map((line) => /^(\S+)\t(.+)$/.exec(line));
  return new Map(lines.flatMap((found) => (found ? [[found[1] ?? '', (found[2] ?? '').trim()]] : [])));
}
