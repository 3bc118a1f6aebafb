// Appium's fake driver under the name of its driver for Android, so that AppWright takes it for that one. It notes each
// session, for which AppWright has it install the app anew, and shows a screen of its own in the place of the app.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeDriver } from '@appium/fake-driver';

const screen = join(import.meta.dirname, 'app.xml');

export class FakeUiautomator2 extends FakeDriver {
  constructor(...words) {
    super(...words);
    this.desiredCapConstraints = {};
  }

  async createSession(first, second, { alwaysMatch, firstMatch = [{}] }, ...more) {
    const asked = { ...firstMatch[0], ...alwaysMatch };
    appendFileSync('sessions.log', `${asked['appium:udid']} ${asked['appium:app']}\n`);
    const match = [{ ...asked, 'appium:app': screen }];
    return super.createSession(first, second, { firstMatch: match }, ...more);
  }
}
