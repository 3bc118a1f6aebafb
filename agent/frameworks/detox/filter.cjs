// Jest asks it which of the files that it has found it shall run. On the command line, which passes a shell, paths would be
// expressions.
'use strict';
const { realpathSync } = require('node:fs');
const { channel } = require('./tell.cjs');

module.exports = async (paths) => {
  const asked = new Set(channel.files);
  return { filtered: paths.filter((path) => asked.has(realpathSync(path))).map((test) => ({ test })) };
};
