// The global set-up of a process of Playwright that has no tests (see holder-config.ts). When it is called the web servers
// are up: it tells the agent which variables there are now, and stays until it is ended.
'use strict';

/** @param {{ metadata: { nonce: string } }} config */
module.exports = async ({ metadata }) => {
  const event = { event: 'served', env: process.env };
  process.stdout.write(`\u001b]qgjob;${metadata.nonce};${JSON.stringify(event)}\u0007`);
  await new Promise(() => setInterval(() => undefined, 1 << 30));
};
