// The child process of a side: `node serve-side.ts MODULE FOLDER [VARIANT]`. Opens the module's default export and
// executes the calls that the parent sends. It ends, with its servers, at a signal or when the parent disconnects.
import type { Reply, Request } from './open-child.ts';

type Opened = Record<string, unknown> & { close(): Promise<void> };
type Open = (dir: string, variant?: string) => Promise<Opened>;

const [module = '', dir = '', variant] = process.argv.slice(2);
const { default: open } = (await import(module)) as { default: Open };
const opened = await open(dir, variant);

const say = (reply: Reply): void => void process.send?.(reply);

async function answer({ method, args }: Request): Promise<void> {
  try {
    const work = opened[method] as (...args: unknown[]) => Promise<unknown>;
    const started = performance.now();
    const result = await work.apply(opened, [...args]);
    say({ ms: performance.now() - started, result });
  } catch (error) {
    say({ error: (error as Error).stack ?? String(error) });
  }
}

let closing: Promise<void> | undefined;

async function end(): Promise<void> {
  closing ??= opened.close();
  await closing.catch((error) => process.stderr.write(`${(error as Error).stack}\n`));
  process.exit();
}

process.on('message', (request: Request) => void answer(request));
process.once('disconnect', () => void end());
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());
// A parent that went away meanwhile disconnected before anybody listened.
if (process.connected) say({ ms: 0, result: opened.about });
else await end();
