// A driver for Detox 20 with no device behind it, as the driver of a third party is written. It notes what it is asked in the
// file `asked`, one word and its argument a line. `broken` in the folder: there is no device; `full`: no app can be installed.
const fs = require('node:fs');
const path = require('node:path');
const DeviceDriverBase = require('detox/src/devices/runtime/drivers/DeviceDriverBase');
const ScreenshotArtifactPlugin = require('detox/src/artifacts/screenshot/ScreenshotArtifactPlugin');
const Artifact = require('detox/src/artifacts/templates/artifact/Artifact');

const note = (...words) => fs.appendFileSync('asked', `${words.join(' ')}\n`);

class Matchers {
  constructor() {
    this.by = { id: (id) => id };
    this.element = (id) => id;
    this.expect = (id) => ({
      toBeVisible: async () => {
        if (id === 'nowhere') throw new Error(`there is no ${id}`);
      },
    });
  }
}

class Allocation {
  async init() {}
  async allocate({ device }) {
    if (fs.existsSync('broken')) throw new Error('no such device');
    note('allocate', device.adbName);
    return { id: device.adbName };
  }
  async postAllocate(cookie) {
    return cookie;
  }
  async free({ id }) {
    note('free', id);
  }
  async cleanup() {}
  emergencyCleanup() {
    note('emergency');
  }
}

class Picture extends Artifact {
  async doSave(to) {
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(to, 'a picture');
  }
}

class Pictures extends ScreenshotArtifactPlugin {
  createTestArtifact() {
    return new Picture({ name: 'Picture' });
  }
}

class Runtime extends DeviceDriverBase {
  constructor(deps, cookie) {
    super(deps);
    this.cookie = cookie;
  }
  getExternalId() {
    return this.cookie.id;
  }
  getDeviceName() {
    return 'Fake';
  }
  getPlatform() {
    return 'android';
  }
  async getBundleIdFromBinary() {
    return 'com.example.shop';
  }
  async installApp(binary) {
    if (fs.existsSync('full')) throw new Error('no space left');
    note('install', binary);
  }
  async uninstallApp(id) {
    note('uninstall', id);
  }
  async launchApp(bundleId, launchArgs) {
    note('launch', bundleId);
    const said = { bundleId, deviceId: this.cookie.id, launchArgs };
    await this.emitter.emit('beforeLaunchApp', said);
    await this.emitter.emit('launchApp', { ...said, pid: 7 });
    return 7;
  }
  async waitForAppLaunch() {
    return 7;
  }
  async waitUntilReady() {}
  async waitForActive() {}
  async terminate() {}
}

module.exports = {
  ExpectClass: Matchers,
  EnvironmentValidatorClass: class {
    async validate() {}
  },
  ArtifactPluginsProviderClass: class {
    declareArtifactPlugins() {
      return { screenshot: (api) => new Pictures({ api }) };
    }
  },
  DeviceAllocationDriverClass: Allocation,
  RuntimeDriverClass: Runtime,
};
