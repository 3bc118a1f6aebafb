// The global set-up of a process of Playwright that has no tests (see holder-config.ts). When it is called the web servers
// are up: it tells the agent which variables there are now, and stays until it is ended, or the agent is gone without a
// word: then it ends as at a signal, and Playwright ends the servers. That the agent is gone shows in that nobody reads any
// more; its parent may be a program that keeps it apart from the host, and stay.
'use strict';

const lookMs = 2000;

/** @param {{ metadata: { nonce: string } }} config */
module.exports = async ({ metadata }) => {
  const tell = (event) =>
    process.stdout.write(`\u001b]qgjob;${metadata.nonce};${JSON.stringify(event)}\u0007`);
  tell({ event: 'served', env: process.env });
  await new Promise(() => {
    const timer = setInterval(() => tell({ event: 'alive' }), lookMs);
    // Nobody reads any more. Once: a second signal would cut the end of the servers short.
    process.stdout.once('error', () => {
      clearInterval(timer);
      process.stdout.on('error', () => undefined);
      process.kill(process.pid, 'SIGINT');
    });
  });
};
