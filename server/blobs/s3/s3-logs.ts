import { TurnsByKey } from '../in-turn.ts';
import { freshBytes, type LogStore } from '../log-store.ts';
import { cover, type JoinRule, type LogPart, parsePart, partName, sizeOf, toJoin } from './log-parts.ts';
import { deleteObjects, listObjects, putObject, readObject, safeKey } from './objects.ts';
import type { S3Client } from './s3-client.ts';
import { s3Jobs } from './s3-jobs.ts';

const joinRule: JoinRule = { smallBytes: 512 * 1024, most: 16 };
/** Logs whose parts are known without a list, at most; the least recently used go first. */
const mostKnown = 5000;
/** Parts that are read at once. */
const atOnce = 8;
/** So often a log is listed again whose parts go while it is read. */
const mostLists = 5;

/** The parts of a log by their names. */
type Parts = Map<string, LogPart>;

/**
 * The logs of attempts in a bucket, where nothing can be appended: each append is an object of its own, whose name says
 * where in the log it lies, and many small ones are joined. Several servers may write the same log: an agent that got no
 * answer goes to another one, and parts that overlap hold the same bytes.
 */
export class S3Logs implements LogStore {
  readonly jobs;
  readonly pieceBytes = 1024 * 1024;
  readonly #s3: S3Client;
  readonly #rule: JoinRule;
  readonly #turns = new TurnsByKey();
  /** What this server has written or listed. A list may lack what was written just before. */
  readonly #known = new Map<string, Parts>();

  constructor(s3: S3Client, rule: JoinRule = joinRule) {
    this.#s3 = s3;
    this.#rule = rule;
    this.jobs = s3Jobs(s3, 'logs/', (jobId) => this.#forget(jobId));
  }

  async append(jobId: string, attempt: number, offset: number, bytes: Uint8Array): Promise<number> {
    const log = startOf(jobId, attempt);
    const size = await this.#turns.run(log, () => this.#append(log, offset, bytes));
    // Nobody waits for this but the next append; what fails here is tried again after that.
    if (toJoin(this.#find(log).values(), this.#rule).length > 0)
      void this.#turns.run(log, () => this.#join(log)).catch(() => undefined);
    return size;
  }

  async size(jobId: string, attempt: number): Promise<number> {
    return sizeOf((await this.#list(startOf(jobId, attempt))).values());
  }

  async read(jobId: string, attempt: number, offset: number, end?: number): Promise<Uint8Array> {
    const log = startOf(jobId, attempt);
    for (let lists = 1; ; lists += 1) {
      const known = await this.#list(log);
      const read = await this.#readFrom(log, known, offset, end);
      // A part was joined or deleted meanwhile: the next list says what is there now.
      if (read.isWhole || lists === mostLists)
        return end === undefined ? read.bytes : read.bytes.subarray(0, Math.max(0, end - offset));
    }
  }

  async #append(log: string, offset: number, bytes: Uint8Array): Promise<number> {
    let known = this.#find(log);
    // Without a list at its start: to write its first bytes once more does no harm.
    if (offset > sizeOf(known.values())) known = await this.#list(log);
    const size = sizeOf(known.values());
    const fresh = freshBytes(size, offset, bytes);
    if (fresh.length === 0) return size;
    const part = { start: size, end: size + fresh.length };
    await putObject(this.#s3, `${log}${partName(part)}`, fresh);
    known.set(partName(part), part);
    return part.end;
  }

  /** First the whole is written, then its parts go: a reader finds each byte at any moment. */
  async #join(log: string): Promise<void> {
    const known = this.#find(log);
    const small = toJoin(known.values(), this.#rule);
    const [first, last] = [small[0], small.at(-1)];
    if (!first || !last) return;
    const { bytes, isWhole } = await this.#readFrom(log, known, first.start, last.end);
    const joined = { start: first.start, end: last.end };
    if (!isWhole || bytes.length !== joined.end - joined.start) return void (await this.#list(log));
    await putObject(this.#s3, `${log}${partName(joined)}`, bytes);
    known.set(partName(joined), joined);
    const inside = [...known]
      .filter(
        ([name, { start, end }]) => start >= joined.start && end <= joined.end && name !== partName(joined),
      )
      .map(([name]) => name);
    await deleteObjects(
      this.#s3,
      inside.map((name) => `${log}${name}`),
    );
    for (const name of inside) known.delete(name);
  }

  /** `isWhole`: false where a part was gone; then the bytes end before it. */
  async #readFrom(log: string, parts: Parts, offset: number, end = Number.POSITIVE_INFINITY) {
    const pieces = cover(parts.values(), offset).filter(({ from }) => from < end);
    const all: Uint8Array[] = [];
    for (let at = 0; at < pieces.length; at += atOnce) {
      const some = await Promise.all(
        pieces.slice(at, at + atOnce).map(async ({ part, from }) => {
          const range =
            from === part.start ? undefined : { start: from - part.start, end: part.end - part.start };
          const bytes = await readObject(this.#s3, `${log}${partName(part)}`, range);
          if (!bytes) parts.delete(partName(part));
          return bytes;
        }),
      );
      const missing = some.indexOf(undefined);
      all.push(...(missing < 0 ? some : some.slice(0, missing)).filter((one) => one !== undefined));
      if (missing >= 0) return { bytes: Buffer.concat(all), isWhole: false };
    }
    return { bytes: Buffer.concat(all), isWhole: true };
  }

  /** Adds what a list shows to what is known; what is gone shows when it is read. */
  async #list(log: string): Promise<Parts> {
    const known = this.#find(log);
    for await (const objects of listObjects(this.#s3, log)) {
      for (const { key, size } of objects) {
        const name = key.slice(log.length);
        const part = parsePart(name);
        if (part && part.end - part.start === size) known.set(name, part);
      }
    }
    return known;
  }

  #find(log: string): Parts {
    const known = this.#known.get(log) ?? (new Map() as Parts);
    this.#known.delete(log);
    this.#known.set(log, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  #forget(jobId: string): void {
    for (const log of this.#known.keys()) if (log.startsWith(`logs/${jobId}/`)) this.#known.delete(log);
  }
}

/** What the names of a log's parts begin with. */
const startOf = (jobId: string, attempt: number): string => safeKey(`logs/${jobId}/${Math.trunc(attempt)}-`);
