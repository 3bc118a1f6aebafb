// Loaded into a server to see that a soak notices: the 20th verdict that comes in ends it as SIGKILL does, without a word.
const http = require('node:http');

let verdicts = 0;
const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, ...given) {
  if (event === 'request' && given[0].url.endsWith('/finish')) verdicts += 1;
  if (verdicts === 20) process.kill(process.pid, 'SIGKILL');
  return emit.call(this, event, ...given);
};
