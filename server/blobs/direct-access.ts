/** An address at which anybody may make one kind of call for some time. */
export interface SignedAddress {
  readonly url: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** How the file is called and shown where the address is opened. */
export interface DownloadHeaders {
  readonly contentType: string;
  /** A Content-Disposition; never one by which a browser shows the file. */
  readonly disposition: string;
}

/** What is about to be uploaded. The hash is hex. */
export interface UploadFacts {
  readonly size: number;
  readonly sha256: string;
}

export interface UploadAddress extends SignedAddress {
  readonly method: 'PUT';
  /** Must be sent as they are: they are signed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Files that callers read and write themselves, at addresses that the server signs. */
export interface DirectAccess<Key> {
  download(key: Key, headers: DownloadHeaders): Promise<SignedAddress>;
  /** Undefined: such a file goes through the server. */
  upload(key: Key, facts: UploadFacts): Promise<UploadAddress | undefined>;
  /**
   * Checks that these bytes are there now. Files by their content are read for that where the store did not compare them
   * with their hash as they came. Errors: `not_found` where nothing is there, `invalid` for other bytes.
   */
  check(key: Key, facts: UploadFacts): Promise<void>;
}
