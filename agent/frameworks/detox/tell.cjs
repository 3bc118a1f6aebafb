// What the agent has this process told, and the way back to it. All of these files lie in the folder of the process, beside
// `channel.json`; they run in the suite's own Detox and Jest, in the version and the Node of the suite.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * @typedef {object} Channel
 * @property {string} nonce In the mark of each event: the output of a test is not taken for one.
 * @property {string} control A file to which the agent appends orders, one JSON a line.
 * @property {string[]} files The files to run, absolute.
 * @property {string} own The suite's own configuration of Detox, absolute.
 * @property {string=} configuration The one to run, by its name; without it Detox chooses.
 * @property {string=} jest The suite's own configuration of Jest, absolute; without it that of Detox's names it.
 * @property {string=} grep Only tests whose title matches.
 * @property {string=} serial The phone or simulator of the lease.
 * @property {string} installed A file that is there once this app is on the device; empty: somebody else installs it.
 */

/** @type {Channel} */
const channel = JSON.parse(readFileSync(join(__dirname, 'channel.json'), 'utf8'));

/** UTF-16 units of one message. */
const longestText = 50_000;

// Of its own: a suite may put something in the place of process.stdout.write.
const write = process.stdout.write.bind(process.stdout);

/** An event is a line of JSON between two control characters in the standard output, in its order with all other output. */
const tell = (event) => write(`\u001b]qgjob;${channel.nonce};${JSON.stringify(event)}\u0007`);

/** Without colours, which mean nothing in a message. */
function textOf(error) {
  const text = typeof error === 'string' ? error : String(error?.stack || error?.message || error);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such characters.
  const plain = text.replaceAll(/\u001b\[[0-9;]*m/g, '');
  return plain.length <= longestText ? plain : `${plain.slice(0, longestText)}…`;
}

module.exports = { channel, tell, write, textOf };
