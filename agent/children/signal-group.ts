/**
 * Sends a signal to a child's whole process group. True when somebody was there to get it; a group that is gone is
 * no error.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EPERM: what is left of the group belongs to somebody else (a setuid helper); nothing we can do about it.
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
