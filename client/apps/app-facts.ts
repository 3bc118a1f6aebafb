/** What a build says of itself. Undefined: it does not say it, or names a resource of its own for it. */
export interface AppFacts {
  readonly packageName: string | undefined;
  /** Like `1.4.2`, as people know it. */
  readonly versionName: string | undefined;
  /** Counts the builds. */
  readonly versionCode: string | undefined;
}
