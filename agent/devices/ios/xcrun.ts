import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { platform } from 'node:os';
import { markerName } from '../../children/processes.ts';
import type { DeviceHost } from '../device.ts';
import { findTool } from '../find-tool.ts';

export interface XcrunEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined: it was ended, or never started. */
  readonly code: number | undefined;
}

export interface XcrunOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const mostBytes = 16 * 1024 * 1024;

/** Why this host has no tools for iOS, and what to do; undefined: they are there. */
export function whyNoXcode({ env }: Pick<DeviceHost, 'env'>): string | undefined {
  if (findTool(env, 'xcrun') !== undefined) return undefined;
  return platform() === 'darwin'
    ? 'xcrun is not on the PATH: install Xcode, then `sudo xcode-select -s /Applications/Xcode.app`'
    : `devices of iOS need a Mac with Xcode: there is no xcrun on this host (${platform()})`;
}

/** Calls the tools of Xcode. Each call has a deadline here. */
export class Xcrun {
  readonly #host: DeviceHost;

  constructor(host: DeviceHost) {
    this.#host = host;
  }

  run(words: readonly string[], { timeoutMs, signal }: XcrunOptions): Promise<XcrunEnd> {
    return new Promise((resolve) => {
      const options = {
        env: this.#host.env,
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: mostBytes,
        signal,
      } as const;
      execFile('xcrun', words, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        resolve({ stdout, stderr: stderr || (error?.message ?? ''), code });
      });
    });
  }

  /** Throws, with the tool's own words, where it fails. */
  async must(words: readonly string[], options: XcrunOptions): Promise<string> {
    const end = await this.run(words, options);
    if (end.code === 0) return end.stdout;
    throw new Error(`\`xcrun ${words.slice(0, 2).join(' ')}\` failed: ${lastLine(end.stderr || end.stdout)}`);
  }

  /** A call that goes on until it is ended, in a group of its own: a Ctrl-C on the terminal of the agent is no end of it. */
  async open(words: readonly string[]): Promise<ChildProcess> {
    const { env, marker } = this.#host;
    await mkdir(marker, { recursive: true, mode: 0o700 });
    const child = spawn('xcrun', words, {
      env: { ...env, [markerName]: `${marker}/xcrun` },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Its end tells all.
    child.on('error', () => undefined);
    return child;
  }
}

export const lastLine = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .findLast(Boolean) ?? 'it said nothing';
