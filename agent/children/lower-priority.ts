import { getPriority, setPriority } from 'node:os';

/** Enough that the agent comes first, little enough that a test still gets its share beside an emulator. */
const nicer = 5;
const nicest = 19;

/**
 * Puts a child, and what it will start, behind the agent for the processor: a busy test must not keep its own lease from
 * being renewed. Best effort: where it cannot be done, it runs as it is.
 */
export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, Math.min(nicest, getPriority() + nicer));
  } catch {
    // It has ended already, or the system does not allow it.
  }
}
