/** The install of an app on one device. */
export interface InstallRequest {
  readonly root: string;
  /** The code lies in a folder of this lease alone: what a tool keeps under the code's path is of no use to another. */
  readonly isOwnCopy: boolean;
  /** Where the app is: a path or an address; empty when the framework brings it. */
  readonly app: string;
  readonly device: string;
  /** Lives as long as what is installed on the device. */
  readonly deviceDir: string;
  readonly artifacts: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a process that runs tests gets. */
export interface RunRequest extends InstallRequest {
  /** Only tests whose title matches this expression; checked to be one. */
  readonly grep?: string | undefined;
  /** The agent has put the app on the device: the framework has to leave it there. */
  readonly isInstalled: boolean;
  /** The device is a browser of the host. */
  readonly isBrowser?: boolean | undefined;
}

/** A file that a process needs outside of its folder, for as long as it runs. */
export interface OutsideFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}
