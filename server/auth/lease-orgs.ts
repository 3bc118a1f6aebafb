/** So long an org is known without another look: a lease that has ended long ago is found out after this time. */
const knownMs = 3_600_000;
/** And so long that there is none: else each call by its token would be a read of the database. */
const goneMs = 10_000;
const mostKnown = 10_000;

/** The orgs of leases, whose share the calls by their tokens are of. Most are noted as the lease is given, and cost no read. */
export class LeaseOrgs {
  readonly #find: (leaseId: string) => Promise<string | undefined>;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly orgId: string | undefined; readonly until: number }>();

  /** `find`: the org of a lease whose token is still good; `now`: epoch ms. */
  constructor(find: (leaseId: string) => Promise<string | undefined>, now: () => number) {
    this.#find = find;
    this.#now = now;
  }

  note(leaseId: string, orgId: string): void {
    this.#keep(leaseId, orgId, knownMs);
  }

  #keep(leaseId: string, orgId: string | undefined, ms: number): void {
    this.#known.delete(leaseId);
    this.#known.set(leaseId, { orgId, until: this.#now() + ms });
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Undefined: there is no such lease any more, or it ended long ago. */
  async of(leaseId: string): Promise<string | undefined> {
    const known = this.#known.get(leaseId);
    if (known && known.until > this.#now()) return known.orgId;
    const orgId = await this.#find(leaseId);
    this.#keep(leaseId, orgId, orgId === undefined ? goneMs : knownMs);
    return orgId;
  }
}
