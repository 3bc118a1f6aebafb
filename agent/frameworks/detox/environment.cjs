// The suite's own test environment, which also tells when the device could not be made ready: that is no fault of a test.
'use strict';
const { tell, textOf } = require('./tell.cjs');

const loaded = require(process.env.QGJOB_JEST_ENVIRONMENT);
const Environment = loaded.default ?? loaded;

module.exports = class extends Environment {
  constructor(config, context) {
    super(config, context);
    this.qgjobFile = context.testPath;
  }

  async setup() {
    try {
      await super.setup();
      this.global.qgjobFile = this.qgjobFile;
    } catch (error) {
      const message = `the device could not be made ready: ${textOf(error)}`;
      tell({ event: 'lost', file: this.qgjobFile, message });
      throw error;
    }
  }
};
