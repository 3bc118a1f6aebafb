import type { Definition } from './definition.ts';

// A held poll is answered after up to 25 s.
const calls = [0.002, 0.01, 0.05, 0.2, 1, 5, 30];
const commits = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];

/** What this process has done beside the verbs, and how it is. */
export const processMetrics = {
  info: { name: 'qgjob_build_info', help: '1, with the version of this server', labels: ['version'] },
  requests: {
    name: 'qgjob_http_requests_total',
    help: 'Requests answered, by method, route and status',
    labels: ['method', 'route', 'status'],
  },
  requestTime: {
    name: 'qgjob_http_request_seconds',
    help: 'How long answers took, by route; held polls are as long as they were held',
    labels: ['route'],
    buckets: calls,
  },
  heldPolls: { name: 'qgjob_lease_polls_held', help: 'Lease requests that wait at this server for work' },
  dbUp: {
    name: 'qgjob_db_up',
    help: '1: the database answered this look; 0: the gauges of the queue are missing',
  },
  dbReads: { name: 'qgjob_db_reads_total', help: 'Statements that read' },
  dbStatements: { name: 'qgjob_db_write_statements_total', help: 'Statements that write' },
  dbCommits: { name: 'qgjob_db_commits_total', help: 'Commits; the writes of one turn share one' },
  dbCommit: {
    name: 'qgjob_db_commit_seconds',
    help: 'How long commits took; on a file nothing else runs meanwhile',
    buckets: commits,
  },
  dbReconnects: {
    name: 'qgjob_db_reconnects_total',
    help: 'Connections replaced since another program had locked the database file',
  },
  dbWrite: {
    name: 'qgjob_db_write_seconds',
    help: 'From a write to the end of the commit that holds it, the wait for it included',
    buckets: commits,
  },
  dbQueue: { name: 'qgjob_db_writes_waiting', help: 'Writes that wait for their commit' },
  dbErrors: {
    name: 'qgjob_db_errors_total',
    help: 'Reads and writes that failed, by code',
    labels: ['code'],
  },
  dbFile: {
    name: 'qgjob_db_file_bytes',
    help: 'Size of the database file; missing where the database is no file',
  },
  dbWal: { name: 'qgjob_db_wal_bytes', help: 'Size of its write-ahead log' },
  loopLast: {
    name: 'qgjob_loop_last_pass_timestamp_seconds',
    help: 'When the last pass of a loop ended',
    labels: ['loop'],
  },
  loopInterval: {
    name: 'qgjob_loop_interval_seconds',
    help: 'The pause between two passes of a loop',
    labels: ['loop'],
  },
  loopErrors: { name: 'qgjob_loop_errors_total', help: 'Passes of a loop that failed', labels: ['loop'] },
  internalErrors: {
    name: 'qgjob_internal_errors_total',
    help: 'Calls that ended with `internal`: the log has a line for each',
  },
} as const satisfies Record<string, Definition>;

/** What Node says of the process. The library has more; these are for questions that operators have. */
export const nodeMetrics = {
  cpuUser: { name: 'process_cpu_user_seconds_total', help: 'CPU time in code of the process' },
  cpuSystem: { name: 'process_cpu_system_seconds_total', help: 'CPU time in the kernel' },
  start: { name: 'process_start_time_seconds', help: 'When the process started' },
  memory: { name: 'process_resident_memory_bytes', help: 'Resident memory' },
  fds: { name: 'process_open_fds', help: 'Open files and sockets; on Linux' },
  maxFds: { name: 'process_max_fds', help: 'How many of them there may be; on Linux' },
  lag: { name: 'nodejs_eventloop_lag_seconds', help: 'How late the event loop was at this look' },
  lagMean: { name: 'nodejs_eventloop_lag_mean_seconds', help: 'The mean since the last look' },
  lagP99: { name: 'nodejs_eventloop_lag_p99_seconds', help: 'The 99th percentile since the last look' },
  lagMax: { name: 'nodejs_eventloop_lag_max_seconds', help: 'The longest since the last look' },
  handles: {
    name: 'nodejs_active_handles',
    help: 'Sockets, servers, pipes and the like that are open',
    labels: ['type'],
  },
  heapUsed: { name: 'nodejs_heap_size_used_bytes', help: 'Heap in use' },
  heap: { name: 'nodejs_heap_size_total_bytes', help: 'Heap' },
  external: {
    name: 'nodejs_external_memory_bytes',
    help: 'Memory of buffers and the like outside of the heap',
  },
  gc: {
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collections',
    labels: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
  },
} as const satisfies Record<string, Definition>;
