/** What is wrong with a device. */
export interface Fault {
  /** In words, such as `its battery is at 4 % (15 % needed)`. */
  readonly why: string;
  /** What fails on it now says nothing of the test: it is gone, say. False: a test that runs may end. */
  readonly breaksTests: boolean;
  /** One look cannot tell: the next one says whether it breaks tests. */
  readonly isUnsure?: true;
  /** More, for those who may see what runs on the device: the app that shows a dialog, say. */
  readonly detail?: string;
  /** Ends it, where no test runs. Never throws. */
  readonly cure?: () => Promise<void>;
}
