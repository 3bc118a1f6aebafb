import { QgjobError } from '../../protocol/errors.ts';
import { OutputTail } from '../children/output-tail.ts';
import { type ChildEnd, runChild } from '../children/run-child.ts';
import { type AgentConfig, tokenFilesOf } from '../config.ts';
import { makeLease, makeNew, makeOuterFolder, processFolder, removeLease } from '../folders.ts';
import { createMasks } from '../logs/masks.ts';
import type { Isolation } from './isolation.ts';

const limitMs = 60_000;

/** The exit code that says that the first file can be read; the next ones follow. */
const readable = 40;

/** Tries to write, and to read the files that it is given. */
const program = `
fs.writeFileSync('here', '');
process.argv.slice(1).forEach((file, index) => {
  try {
    if (fs.readFileSync(file).length > 0) Object.assign(process, { exitCode: ${readable} + index });
  } catch {
    // Not there, or not for this user: as it should be.
  }
});`;

/**
 * Runs this Node in an isolation, in a folder as a lease has it. Undefined: it ran. Otherwise why not, on one line.
 * Errors: `invalid` where tests could read a file with a token.
 */
export async function tryOut(isolation: Isolation, config: AgentConfig): Promise<string | undefined> {
  const folder = await makeLease(await makeOuterFolder(config));
  const files = tokenFilesOf(config);
  const tail = new OutputTail(createMasks(config.secrets));
  try {
    const end = await runProgram(isolation, config, folder, (bytes) => tail.add(bytes));
    if (end.failure === undefined && end.code !== null) {
      if (end.code === 0) return undefined;
      const file = files[end.code - readable];
      if (file !== undefined) throw exposed(file, config);
    }
    return [end.failure ?? `Node ended with ${end.code ?? end.signal}`, tail.lines(3)]
      .filter(Boolean)
      .join(': ');
  } catch (error) {
    if (error instanceof QgjobError) throw error;
    return (error as Error).message;
  } finally {
    await removeLease(folder).catch(() => undefined);
  }
}

async function runProgram(
  isolation: Isolation,
  config: AgentConfig,
  folder: string,
  onOutput: (bytes: Buffer) => void,
): Promise<ChildEnd> {
  const never = new AbortController().signal;
  const root = await makeNew(folder, 'source-');
  const device = await makeNew(folder, 'device-');
  const space = await isolation.openSpace({ folder, root, device });
  const argv = [process.execPath, '--eval', program, ...tokenFilesOf(config)];
  const { command, enclosure } = await space.enclose({ argv, cwd: root, env: config.childEnv });
  return runChild(command, {
    enclosure,
    onOutput,
    timeoutMs: limitMs,
    stop: never,
    kill: never,
    ownSignal: 'SIGTERM',
    ladder: { ownMs: 1000, termMs: 1000, lingerMs: 1000 },
    marker: processFolder(config),
  });
}

const exposed = (file: string, { isolation }: AgentConfig): QgjobError =>
  new QgjobError(
    'invalid',
    `isolation ${isolation.name}: tests could read ${file}, which holds a token; make it readable for the agent's user alone (chmod 600)`,
  );
