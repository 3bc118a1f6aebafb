// The global set-up of a process of Playwright that has no tests (see holder-config.ts). When it is called the web servers
// are up: it tells the agent which variables there are now, and stays until it is ended, or the agent is gone without a
// word: then it ends as at a signal, and Playwright ends the servers.
'use strict';

const lookMs = 2000;

/** @param {{ metadata: { nonce: string } }} config */
module.exports = async ({ metadata }) => {
  const event = { event: 'served', env: process.env };
  process.stdout.write(`\u001b]qgjob;${metadata.nonce};${JSON.stringify(event)}\u0007`);
  const parent = process.ppid;
  await new Promise(() => {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      // Once: a second one would cut the end of the servers short.
      clearInterval(timer);
      process.kill(process.pid, 'SIGINT');
    }, lookMs);
  });
};
