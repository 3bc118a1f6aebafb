import type { Lab } from './lab.ts';

const outage =
  /"status":503|the database (?:cannot be reached|did not answer in time|is busy|did not do it|answers \d)/;

/** Problems that no fault explains: an unexpected error of the server, a warning of Node.js, or a program that crashed. */
export function readCrashes({ programs, sqld }: Lab): string[] {
  // What a server could not do while its database was away, it says as an error.
  const isOutage = (line: string): boolean => sqld !== undefined && outage.test(line);
  const isCrash = (line: string): boolean =>
    /"level":(?:50|60)|^\w*Error\b|^Node\.js v|^FATAL ERROR|^# Fatal error|^\(node:\d+\) /.test(line) &&
    !isOutage(line);
  return programs.flatMap((program) =>
    program
      .readLog()
      .split('\n')
      .filter(isCrash)
      .map((line) => `process ${program.pid} said: ${line}`),
  );
}
