import { exitCodes } from '../../protocol/exit-codes.ts';

/** What a person's signals ask for: the first one that all ends, with what is left cleaned up; the second one that it ends at once. */
export interface Stop {
  readonly soft: AbortSignal;
  readonly hard: AbortSignal;
}

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves to an exit code: that of an interrupt, whatever `run` came to, where a signal has ended it. */
export async function untilSignal(run: (stop: Stop) => Promise<number>): Promise<number> {
  const [soft, hard] = [new AbortController(), new AbortController()];
  const onSignal = (): void => (soft.signal.aborted ? hard : soft).abort();
  for (const name of names) process.on(name, onSignal);
  try {
    const code = await run({ soft: soft.signal, hard: hard.signal });
    return soft.signal.aborted ? exitCodes.interrupted : code;
  } catch (error) {
    if (!soft.signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    for (const name of names) process.off(name, onSignal);
  }
}
