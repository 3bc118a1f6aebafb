// The suite's own configuration of Jest, for one process: exactly the files of the lease, one after the other, with a
// reporter of ours beside those of the suite.
'use strict';
const { dirname, join } = require('node:path');
const { channel, tell } = require('./tell.cjs');

const inFolder = (name) => join(__dirname, name);

/** Jest's own reader: a configuration may be a function, TypeScript, or a part of package.json. */
function findReader() {
  const from = (name, path) => require.resolve(name, { paths: [path] });
  const cli = from('jest-cli', dirname(from('jest', process.cwd())));
  return require(from('jest-config', dirname(cli))).readInitialOptions;
}

/** Each project would have an environment of its own, without what is added here. */
function refuse(message) {
  tell({ event: 'rejected', message });
  throw new Error(message);
}

module.exports = async () => {
  const path = process.env.QGJOB_JEST_CONFIG || undefined;
  const { config: own } = await findReader()(path, { skipMultipleConfigError: true });
  if (own.projects?.length > 0)
    refuse('qgjob runs Detox without projects of Jest; this configuration has some');
  // environment.cjs extends it.
  process.env.QGJOB_JEST_ENVIRONMENT = require.resolve(
    own.testEnvironment ?? 'detox/runners/jest/testEnvironment',
    {
      paths: [own.rootDir],
    },
  );
  return {
    ...own,
    maxWorkers: 1,
    bail: 0,
    filter: inFolder('filter.cjs'),
    ...(channel.grep !== undefined && { testNamePattern: channel.grep }),
    testEnvironment: inFolder('environment.cjs'),
    setupFilesAfterEnv: [inFolder('install.cjs'), ...(own.setupFilesAfterEnv ?? [])],
    reporters: [...(own.reporters ?? ['default']), [inFolder('reporter.cjs'), {}]],
  };
};
