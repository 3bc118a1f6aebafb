import { type ChildProcess, spawn } from 'node:child_process';

/** Waits until the end of its standard input, which only the process that started it holds open. */
const script = 'read -r _; kill -KILL "$1"';

/**
 * Has a server killed when this process is gone, however it ended: nobody else would do it after a SIGKILL. A shell in
 * a session of its own watches, so that a signal for the group of this process spares it. The answer is to be called
 * once the server has ended.
 */
export function endWithParent(pid: number): () => void {
  const watcher = spawn('sh', ['-c', script, 'sh', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  return () => void watcher.kill('SIGKILL');
}

/** The same for a child, whose end it sees itself. */
export function endChildWithParent(child: ChildProcess): void {
  if (child.pid === undefined) return;
  child.once('exit', endWithParent(child.pid));
}
