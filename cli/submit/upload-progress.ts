import { say } from '../output/print.ts';

const mebibyte = 2 ** 20;
/** A smaller file is there before anybody wonders. */
const shownFrom = 2 * mebibyte;
const shownEveryMs = 1000;

/** Says how far a large upload is, now and then; `what` names it. */
export function uploadProgress(what: string): (sent: number, total: number) => void {
  let saidAt = performance.now();
  return (sent, total) => {
    const now = performance.now();
    if (total < shownFrom || now - saidAt < shownEveryMs) return;
    saidAt = now;
    say(`uploading ${what}: ${inMib(sent)} of ${inMib(total)} MiB`);
  };
}

const inMib = (bytes: number): string => (bytes / mebibyte).toFixed(1);
