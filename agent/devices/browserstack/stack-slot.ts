import type { Device, DeviceBlame, DeviceInstall, DeviceUse, FailedAttempt } from '../device.ts';
import type { Fault } from '../fault.ts';
import type { RecordedAttempt, Recording } from '../recording.ts';
import type { StackAccess } from './access.ts';
import type { StackApi } from './api/call.ts';
import { endSession } from './api/end-session.ts';
import { StackError } from './api/stack-error.ts';
import { blameBySaying } from './blame-attempt.ts';
import type { Capacity } from './capacity.ts';
import type { StackEntry } from './entry.ts';
import type { KeptUploads, UploadedApp, UploadOptions } from './kept-uploads.ts';
import { LeaseSessions } from './lease-sessions.ts';
import { productOf, stackVariables } from './session-names.ts';
import { type Patience, SessionRecording } from './session-recording.ts';

/** An upload that failed may say something of the app: it is no app, or too large. */
const badAppStatuses = [400, 413, 415, 422];

function classOfUpload({ kind, status = 0 }: StackError): 'build_error' | 'capacity' | 'infra_error' {
  if (kind === 'rate') return 'capacity';
  return badAppStatuses.includes(status) ? 'build_error' : 'infra_error';
}

/** What all slots of one product share. */
export interface StackAccount {
  readonly access: StackAccess;
  /** Undefined: the environment has no account. */
  readonly api: StackApi | undefined;
  readonly capacity: Capacity;
  readonly uploads: KeptUploads;
  readonly patience: Patience;
  /** Epoch ms. */
  readonly clock: () => number;
}

const noAccount =
  "the agent's environment has no BrowserStack account: set BROWSERSTACK_USERNAME and BROWSERSTACK_ACCESS_KEY";
const appIsGone = 'BrowserStack does not have the app any more: it is uploaded anew';

/** After a failure it is looked whether BrowserStack is there, unless that was just seen. In ms. */
const justSeenMs = 2000;
/** An app that ends while a lease runs is uploaded before. In ms. */
const longestLeaseMs = 6 * 60 * 60_000;

/** One parallel session at BrowserStack: whatever runs on it gets a phone or a browser of its own. */
export class StackSlot implements Device {
  readonly env = {};
  readonly offer: Device['offer'];
  /** A browser gets no app. */
  readonly install: Device['install'];
  readonly #entry: StackEntry;
  readonly #account: StackAccount;
  #app: UploadedApp | undefined;
  /** A lease had to end since its app was gone. */
  #lostApp = false;
  /** The sessions of the attempts of one lease. */
  #sessions: LeaseSessions | undefined;
  /** Sessions that an ended attempt has left to the next one of its lease. */
  readonly #open = new Map<string, string>();

  constructor(entry: StackEntry, account: StackAccount, number: number) {
    const { target, name, parallel, device, os, os_version, browser } = entry;
    this.#entry = entry;
    this.#account = account;
    this.install = browser === undefined ? ({ path }, options) => this.#upload(path, options) : undefined;
    const own = name ?? target.replace('/', '-');
    this.offer = {
      name: name !== undefined && parallel === 1 ? own : `${own}-${number}`,
      target,
      platform: 'browserstack',
      os_version: os_version.slice(0, 50),
      labels: {
        driver: 'browserstack',
        product: productOf(entry),
        ...(device && { device }),
        ...(os && { os }),
        ...(browser && { browser }),
      },
    };
  }

  async examine(isBusy = false): Promise<Fault | undefined> {
    if (this.#account.api === undefined) return { why: noAccount, breaksTests: false };
    if (!isBusy) this.#lostApp = false;
    await this.#endOpen(this.#account.api, isBusy ? this.#sessions?.leaseId : undefined);
    if (this.#lostApp) return { why: appIsGone, breaksTests: false };
    const noRoom = await this.#account.capacity.look(this, isBusy, this.#entry.reserve);
    // A test that runs has its session already.
    return noRoom && { why: noRoom.why, breaksTests: false };
  }

  envFor(use: DeviceUse): Readonly<Record<string, string>> {
    const registered = use.app.startsWith('bs://') ? use.app : undefined;
    const url = use.hasApp ? this.#app?.url : registered;
    return stackVariables(this.#account.access, this.#entry, use, url);
  }

  async #upload(path: string, options: UploadOptions): Promise<DeviceInstall> {
    const { api, uploads } = this.#account;
    this.#app = undefined;
    if (api === undefined) return { ok: false, installs: 0, class: 'infra_error', why: noAccount };
    try {
      this.#app = await uploads.get(api, path, options);
      return { ok: true, installs: this.#app.uploads };
    } catch (error) {
      return {
        ok: false,
        installs: 1,
        class: error instanceof StackError ? classOfUpload(error) : 'infra_error',
        why: `the upload to BrowserStack failed: ${(error as Error).message}`,
      };
    }
  }

  async stillHasApp(): Promise<boolean> {
    return this.#app !== undefined && this.#app.expiresAt - this.#account.clock() > longestLeaseMs;
  }

  async blame(failed: FailedAttempt): Promise<DeviceBlame | undefined> {
    const { api, capacity, uploads } = this.#account;
    const said = blameBySaying(failed);
    if (said?.losesApp && this.#app && api) {
      await uploads.forget(api, this.#app);
      this.#app = undefined;
      this.#lostApp = true;
    }
    // The next test of the lease goes by what is so now.
    if (said?.class === 'capacity') await capacity.trouble(0);
    if (said) return { class: said.class, why: said.why, mayBeForEver: said.mayBeForEver };
    const trouble = await capacity.trouble(justSeenMs);
    return trouble === undefined || trouble.kind === 'rate' || trouble.kind === 'refused'
      ? undefined
      : { class: 'infra_error', why: trouble.message };
  }

  async record(attempt: RecordedAttempt): Promise<Recording | undefined> {
    const { api, capacity, patience } = this.#account;
    if (api === undefined) return undefined;
    if (this.#sessions?.leaseId !== attempt.leaseId) this.#sessions = new LeaseSessions(attempt.leaseId);
    const sessions = this.#sessions;
    const over = capacity.begin(this);
    return new SessionRecording({ api, attempt, patience, sessions, open: this.#open, over });
  }

  async dispose(): Promise<void> {
    if (this.#account.api) await this.#endOpen(this.#account.api);
  }

  /** Sessions of a process that has ended without ending them: each keeps others waiting. */
  async #endOpen(api: StackApi, leaseId?: string): Promise<void> {
    const left = [...this.#open].filter(([, lease]) => lease !== leaseId).map(([id]) => id);
    for (const id of left) this.#open.delete(id);
    await Promise.all(left.map((id) => endSession(api, id).catch(() => undefined)));
  }
}
