#!/usr/bin/env node
// The one file that a Node which is too old must still read and run: it imports nothing before it has looked, and its
// syntax is that of Node 12. package.json's `engines` says the same version (a test compares).
const [needMajor, needMinor] = [22, 12];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < needMajor || (major === needMajor && minor < needMinor)) {
  const need = `Node ${needMajor}.${needMinor} or newer`;
  process.stderr.write(`qgjob: needs ${need}, this is ${process.version} (${process.execPath})\n`);
  // exitCodes.usage, not imported here; a test compares.
  process.exitCode = 2;
} else {
  let hasEnded = false;
  // A program that runs out of work before its command has ended is no success.
  process.once('exit', (exitCode) => {
    if (!hasEnded && exitCode === 0) process.exitCode = 1;
  });
  import('./run.ts')
    .then(({ runCli }) => runCli(process.argv.slice(2)))
    .then((exitCode) => {
      hasEnded = true;
      process.exitCode = exitCode;
    });
}
