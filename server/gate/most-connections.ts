/** What Node's types leave out. */
interface Report {
  excludeNetwork: boolean;
  getReport(): { readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } } };
}

const mostWithoutLimit = 20_000;
/** Kept for the database, logs and artifacts that are open meanwhile, and calls to others. */
const forFiles = (openFiles: number): number => Math.min(1000, Math.max(64, openFiles / 4));

/** How many connections the server may have open, by the descriptors that its process may have (`ulimit -n`). */
export function mostConnections(): number {
  const report = process.report as unknown as Report;
  // It would look up the name of each peer.
  report.excludeNetwork = true;
  const soft = Number(report.getReport().userLimits?.open_files?.soft);
  if (!(soft > 0)) return mostWithoutLimit;
  return Math.floor(Math.max(16, Math.min(mostWithoutLimit, soft - forFiles(soft))));
}
