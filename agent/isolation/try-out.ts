import { OutputTail } from '../children/output-tail.ts';
import { runChild } from '../children/run-child.ts';
import type { AgentConfig } from '../config.ts';
import { makeNew, makeOuterFolder, processFolder, removeFolder } from '../folders.ts';
import { createMasks } from '../logs/masks.ts';
import type { Isolation } from './isolation.ts';

const limitMs = 60_000;

/**
 * Runs this Node in an isolation, in a folder as a lease has it. Undefined: it ran. Otherwise why not, on one line.
 */
export async function tryOut(isolation: Isolation, config: AgentConfig): Promise<string | undefined> {
  const folder = await makeOuterFolder(config);
  const never = new AbortController().signal;
  try {
    const root = await makeNew(folder, 'source-');
    const device = await makeNew(folder, 'device-');
    const space = await isolation.openSpace({ folder, root, device });
    const argv = [process.execPath, '--eval', 'fs.writeFileSync("here", "")'];
    const { command, enclosure } = await space.enclose({ argv, cwd: root, env: config.childEnv });
    const tail = new OutputTail(createMasks(config.secrets));
    const end = await runChild(command, {
      enclosure,
      onOutput: (bytes) => tail.add(bytes),
      timeoutMs: limitMs,
      stop: never,
      kill: never,
      ownSignal: 'SIGTERM',
      ladder: { ownMs: 1000, termMs: 1000, lingerMs: 1000 },
      marker: processFolder(config),
    });
    if (end.code === 0 && end.failure === undefined) return undefined;
    return [end.failure ?? `Node ended with ${end.code ?? end.signal}`, tail.lines(3)]
      .filter(Boolean)
      .join(': ');
  } catch (error) {
    return (error as Error).message;
  } finally {
    await removeFolder(folder).catch(() => undefined);
  }
}
