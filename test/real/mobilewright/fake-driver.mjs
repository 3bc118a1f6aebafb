// A driver of Mobilewright without a device: a screen with a text and a button that changes it.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { NoDeviceAvailableError } from '@mobilewright/protocol';

const log = join(import.meta.dirname, 'driver.log');
const note = (...words) => appendFileSync(log, `${words.join(' ')}\n`);
const ignore = async () => undefined;
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const element = (type, text, y) => ({
  type,
  text,
  label: text,
  isVisible: true,
  isEnabled: true,
  bounds: { x: 0, y, width: 300, height: 40 },
  children: [],
});

export class FakeDriver {
  shown = 'Welcome';
  foreground = undefined;

  async allocate({ deviceId, platform }, taken) {
    const id = deviceId ?? 'any-phone';
    note('allocate', id);
    if (taken.has(id)) throw new NoDeviceAvailableError(`${id} is taken`);
    return { deviceId: id, platform, driver: 'fake', model: 'Fake', osVersion: '14', type: 'real' };
  }

  async release(id) {
    note('release', id);
  }

  async connect({ deviceId, platform }) {
    return { deviceId, platform };
  }

  async getViewHierarchy() {
    return [element('Text', this.shown, 0), element('Button', 'Go', 100)];
  }

  async tap(_x, y) {
    if (y >= 100) this.shown = 'Second';
  }

  async screenshot() {
    return Buffer.from(pixel, 'base64');
  }

  async getScreenSize() {
    return { width: 300, height: 600, scale: 1 };
  }

  async getOrientation() {
    return 'portrait';
  }

  async launchApp(id) {
    this.foreground = id;
    note('launch', id);
  }

  async installApp(path) {
    note('install', path);
  }

  async listApps() {
    return [];
  }

  async listDevices() {
    return [];
  }

  async getForegroundApp() {
    return { bundleId: this.foreground };
  }

  async startRecording() {}

  async stopRecording() {
    return {};
  }

  disconnect = ignore;
  terminateApp = ignore;
  uninstallApp = ignore;
  doubleTap = ignore;
  longPress = ignore;
  typeText = ignore;
  pressKeys = ignore;
  clearText = ignore;
  swipe = ignore;
  gesture = ignore;
  pressButton = ignore;
  setOrientation = ignore;
  setGeolocation = ignore;
  openUrl = ignore;
}
