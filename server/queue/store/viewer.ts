/** Whose rows may be seen: an org's, or all for the operator. */
export interface Viewer {
  readonly orgId: string | undefined;
}
