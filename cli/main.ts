#!/usr/bin/env node
// A Node that is too old must still run this file: its syntax is that of Node 12, and it imports nothing before it has
// looked at the version. package.json's `engines` names the same version (a test compares).
const [needMajor, needMinor] = [22, 12];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < needMajor || (major === needMajor && minor < needMinor)) {
  const need = `Node ${needMajor}.${needMinor} or newer`;
  process.stderr.write(`qgjob: needs ${need}, this is ${process.version} (${process.execPath})\n`);
  // exitCodes.usage, which cannot be imported here (a test compares).
  process.exitCode = 2;
} else {
  let hasEnded = false;
  // Node also exits when nothing is left to do, with 0: before the end of the command that is no success.
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
