// Runs in each process of Mobilewright, which loads the generated configuration: it gives the suite the device of the
// lease and its app, and tells of each install.
'use strict';

/**
 * @param {object} own The suite's own configuration, which its tests may read again: it is changed itself.
 * @param {Function} Device Mobilewright's.
 * @param {{ ours: { deviceId?: string, installApps?: string | string[] }, nonce: string }} options
 */
module.exports = function adaptMobilewright(own, Device, { ours, nonce }) {
  Object.assign(own, ours);
  own.use = { ...own.use, ...ours };
  for (const project of own.projects ?? []) project.use = { ...project.use, ...ours };
  if (process.env.TEST_WORKER_INDEX === undefined) return;
  const install = Device.prototype.installApp;
  Device.prototype.installApp = async function (...words) {
    await install.apply(this, words);
    process.stdout.write(`\u001b]qgjob;${nonce};{"event":"installed"}\u0007`);
  };
};
