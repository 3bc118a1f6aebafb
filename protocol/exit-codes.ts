/** What the programs exit with: the one table of the errors, the CLI's help and the README. */
export const exitCodes = {
  success: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unavailable: 4,
  waitTimedOut: 5,
  notFinal: 8,
  interrupted: 130,
} as const;

/** What each exit code means to whoever called the program. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  success: 'all passed, or the command did what it says',
  failed: 'some job did not pass',
  usage: 'usage',
  refused: 'refused: no or bad token, not found, conflict',
  unavailable: 'server or network',
  waitTimedOut: 'the wait timed out',
  notFinal: 'not final yet (`status --exit-code`)',
  interrupted: 'interrupted',
};
