// Loaded into a server to see that a soak notices: for every verdict that comes in, some memory and an open file are kept.
const { openSync } = require('node:fs');
const http = require('node:http');

const kept = [];
const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, ...given) {
  if (event === 'request' && given[0].url.endsWith('/finish'))
    kept.push({ text: Array.from({ length: 4096 }, Math.random), file: openSync('/dev/null', 'r') });
  return emit.call(this, event, ...given);
};
