import type { AdbStream } from './adb-stream.ts';
import { shellPacket } from './adb-stream.ts';

interface Task {
  readonly command: string;
  /** Ends it as that signal does. */
  kill(signal: 2 | 9): void;
  /** adb has let go of it. */
  orphan(): void;
}

/** Runs of a stream of the second shell protocol. */
interface Shell {
  out(text: string): void;
  exit(code: number): void;
}

/**
 * What a fake phone runs for longer than a call, and the files and packages on it: its log, and recordings of its screen. As on
 * a real one, the log ends with the call of adb, and a recording does not.
 */
export class PhoneTasks {
  readonly files = new Map<string, Buffer>();
  readonly packages = new Set<string>();
  #installs = 0;
  readonly #installOf = new Map<string, number>();
  /** Why the screen cannot be recorded. */
  recordFailure: string | undefined;
  /** How many recordings failed so. */
  failedRecordings = 0;
  readonly #tasks = new Map<number, Task>();
  readonly #readers = new Set<Shell>();
  /** Of the command that was started last. */
  lastPid = 1000;

  /** The commands that run. */
  get running(): string[] {
    return [...this.#tasks.values()].map(({ command }) => command);
  }

  /** The recordings have reached their limit of time. */
  endRecordings(): void {
    for (const task of this.#tasks.values()) if (task.command.startsWith('screenrecord')) task.kill(2);
  }

  /** Writes a line to the phone's log. */
  print(line: string): void {
    for (const reader of this.#readers) reader.out(`11-28 10:00:00.000  1234  1234 I ${line}\n`);
  }

  /** Takes over a stream whose script runs for long; false: it does not. */
  open(script: string, stream: AdbStream): boolean {
    const shell: Shell = {
      out: (text) => stream.send(shellPacket(1, Buffer.from(text))),
      exit: (code) => {
        stream.send(shellPacket(3, Buffer.from([code])));
        stream.end();
      },
    };
    const [, record] = /^echo \$\$; exec (screenrecord .*)$/.exec(script) ?? [];
    if (record !== undefined) stream.closed = this.#record(record, shell);
    else if (script.startsWith('exec logcat -v threadtime -T '))
      stream.closed = this.#log(script.slice(5), shell);
    else return false;
    return true;
  }

  #add(task: Task): number {
    this.lastPid += 1;
    this.#tasks.set(this.lastPid, task);
    return this.lastPid;
  }

  #log(command: string, shell: Shell): () => void {
    const end = (): void => {
      this.#tasks.delete(pid);
      this.#readers.delete(shell);
    };
    const pid = this.#add({ command, kill: end, orphan: end });
    this.#readers.add(shell);
    shell.out('--------- beginning of main\n');
    return end;
  }

  #record(command: string, shell: Shell): () => void {
    const path = command.split(' ').at(-1) ?? '';
    let isOrphan = false;
    const kill = (signal: 2 | 9): void => {
      this.#tasks.delete(pid);
      if (signal === 2) this.files.set(path, Buffer.from(`whole ${path}`));
      if (!isOrphan) shell.exit(signal === 2 ? 0 : 137);
    };
    const orphan = (): void => {
      isOrphan = true;
    };
    const pid = this.#add({ command, kill, orphan });
    shell.out(`${pid}\n`);
    if (this.recordFailure === undefined) this.files.set(path, Buffer.from('torn'));
    else {
      this.failedRecordings += 1;
      shell.out(`${this.recordFailure}\n`);
      this.#tasks.delete(pid);
      shell.exit(1);
    }
    return orphan;
  }

  /** Runs a command that ends at once; undefined: another one knows it. */
  run(command: string): string | undefined {
    const [, line] = /^log -t (.*)$/.exec(command) ?? [];
    if (line !== undefined) return this.#said(() => this.print(line.replace(' ', ': ')));
    const [, path = '', pid] = /^pgrep -f '\[\/\](\S+)' \| grep -qx (\d+) && kill -2 \2$/.exec(command) ?? [];
    if (pid !== undefined) {
      const task = this.#tasks.get(Number(pid));
      return this.#said(() => task?.command.includes(path) && task.kill(2));
    }
    const [, pattern] = /^pkill -9 -f '(.*)'$/.exec(command) ?? [];
    if (pattern !== undefined) return this.#said(() => this.#killAll(new RegExp(pattern)));
    const [, files] = /^rm -f (\/data\/local\/tmp\/qgjob-.*)$/.exec(command) ?? [];
    if (files !== undefined) return this.#said(() => this.#remove(files.split(' ')));
    const [, name = ''] = /^pm path (\S+)$/.exec(command) ?? [];
    if (name !== '') return this.packages.has(name) ? `package:/data/app/${name}/base.apk\n` : '';
    const [, dumped = ''] = /^dumpsys package (\S+)$/.exec(command) ?? [];
    return dumped === '' ? undefined : this.#dump(dumped);
  }

  /** What an install does, or an update by a test: the time and the version of it are others then. */
  install(name: string): void {
    this.packages.add(name);
    this.#installs += 1;
    this.#installOf.set(name, this.#installs);
  }

  #dump(name: string): string {
    if (!this.packages.has(name)) return `Unable to find package: ${name}\n`;
    const second = `${this.#installOf.get(name) ?? 0}`.padStart(2, '0');
    return `Packages:\n  Package [${name}] (5c1a2b3):\n    versionCode=7 minSdk=24 targetSdk=34\n    lastUpdateTime=2026-11-28 10:00:${second}\n`;
  }

  #said(work: () => unknown): string {
    work();
    return '';
  }

  #killAll(pattern: RegExp): void {
    for (const task of [...this.#tasks.values()]) if (pattern.test(task.command)) task.kill(9);
  }

  #remove(globs: readonly string[]): void {
    for (const glob of globs) {
      const isMeant = (path: string): boolean =>
        glob.endsWith('*') ? path.startsWith(glob.slice(0, -1)) : path === glob;
      for (const path of this.files.keys()) if (isMeant(path)) this.files.delete(path);
    }
  }
}
