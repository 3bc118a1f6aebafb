// Writes deploy/grafana/qgjob.json: `node scripts/grafana-dashboard.mjs`. A test runs each of its expressions.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const q = (expr, legend = '') => ({ expr, legend });
const rate = (name, by = '', filter = '') =>
  `sum${by && ` by (${by})`} (rate(${name}${filter}[$__rate_interval]))`;
const quantile = (share, name, by = 'le') =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${name}_bucket[$__rate_interval])))`;
const spread = (name) => [q(quantile(0.5, name), 'p50'), q(quantile(0.95, name), 'p95')];

/** Panels by row: title, unit, expressions. */
const rows = {
  Queue: [
    ['Queued jobs', 'short', [q('max by (target) (qgjob_queue_jobs{state="queued"})', '{{target}}')]],
    ['Oldest queued job', 's', [q('max by (target) (qgjob_queue_oldest_seconds)', '{{target}}')]],
    [
      'Jobs that wait for a device (to scale by)',
      'short',
      [q('max by (target) (qgjob_scale_jobs)', '{{target}}')],
    ],
    [
      'Predicted work of the queued jobs',
      's',
      [q('max by (target) (qgjob_queue_work_seconds)', '{{target}}')],
    ],
    [
      'Waiting and leased jobs',
      'short',
      [
        q(
          'max by (state) (sum by (state, instance) (qgjob_queue_jobs{state=~"waiting|leased"}))',
          '{{state}}',
        ),
      ],
    ],
    ['Devices', 'short', [q('sum by (status) (max by (target, status) (qgjob_devices))', '{{status}}')]],
  ],
  'What people feel': [
    ['Wait for the first start', 's', spread('qgjob_job_wait_seconds')],
    ['Feedback: submit to the end of a run', 's', spread('qgjob_run_feedback_seconds')],
    ['Time per attempt', 's', spread('qgjob_attempt_seconds')],
    ['Runs by conclusion', 'ops', [q(rate('qgjob_runs_finished_total', 'conclusion'), '{{conclusion}}')]],
  ],
  Jobs: [
    [
      'Jobs in and out',
      'ops',
      [
        q(rate('qgjob_jobs_submitted_total'), 'submitted'),
        q(rate('qgjob_jobs_finished_total', 'status'), '{{status}}'),
      ],
    ],
    ['Verdicts', 'ops', [q(rate('qgjob_verdicts_total', 'verdict'), '{{verdict}}')]],
    ['Retries by class of error', 'ops', [q(rate('qgjob_retries_total', 'class'), '{{class}}')]],
    ['Attempts without a verdict', 'ops', [q(rate('qgjob_attempt_errors_total', 'class'), '{{class}}')]],
    [
      'Leases made and lost',
      'ops',
      [q(rate('qgjob_leases_total'), 'made'), q(rate('qgjob_leases_expired_total', 'why'), 'lost: {{why}}')],
    ],
    [
      'Installs done and saved',
      'ops',
      [
        q(rate('qgjob_installs_total'), 'done'),
        q(rate('qgjob_installs_saved_total'), 'saved'),
        q(rate('qgjob_install_errors_total', 'class'), 'failed: {{class}}'),
      ],
    ],
    ['Install time saved, per second', 's', [q(rate('qgjob_install_seconds_saved_total'), 'saved')]],
  ],
  Servers: [
    ['Calls by status', 'reqps', [q(rate('qgjob_http_requests_total', 'status'), '{{status}}')]],
    [
      'Calls, p95 of the slowest routes',
      's',
      [q(`topk(8, ${quantile(0.95, 'qgjob_http_request_seconds', 'le, route')})`, '{{route}}')],
    ],
    [
      'Writes to their commit, p50 and p99',
      's',
      [
        q(quantile(0.5, 'qgjob_db_write_seconds'), 'p50'),
        q(quantile(0.99, 'qgjob_db_write_seconds'), 'p99'),
        q(quantile(0.99, 'qgjob_db_commit_seconds'), 'p99 of the commit alone'),
      ],
    ],
    [
      'Commits, statements, waiting writes',
      'short',
      [
        q(rate('qgjob_db_commits_total'), 'commits/s'),
        q(rate('qgjob_db_write_statements_total'), 'writing statements/s'),
        q(rate('qgjob_db_reads_total'), 'reads/s'),
        q('sum(qgjob_db_writes_waiting)', 'writes waiting'),
      ],
    ],
    [
      'Database file and log',
      'bytes',
      [q('qgjob_db_file_bytes', 'file {{instance}}'), q('qgjob_db_wal_bytes', 'log {{instance}}')],
    ],
    ['Held lease polls', 'short', [q('sum(qgjob_lease_polls_held)', 'polls')]],
    [
      'Time since the last pass of each loop',
      's',
      [q('time() - qgjob_loop_last_pass_timestamp_seconds', '{{loop}} {{instance}}')],
    ],
    [
      'Errors',
      'short',
      [
        q('sum by (code) (increase(qgjob_db_errors_total[15m]))', 'database: {{code}}'),
        q('sum(increase(qgjob_db_reconnects_total[15m]))', 'database: reconnects'),
        q('sum(increase(qgjob_internal_errors_total[15m]))', 'internal'),
        q('sum by (loop) (increase(qgjob_loop_errors_total[15m]))', 'loop {{loop}}'),
      ],
    ],
    [
      'Outbox',
      'short',
      [
        q('max(qgjob_outbox_messages)', 'messages'),
        q('sum by (kind, result) (increase(qgjob_outbox_deliveries_total[15m]))', '{{kind}} {{result}}'),
        q('sum by (kind) (increase(qgjob_outbox_given_up_total[15m]))', 'given up: {{kind}}'),
      ],
    ],
    [
      'Memory',
      'bytes',
      [
        q('process_resident_memory_bytes{job="qgjob"}', 'resident {{instance}}'),
        q('nodejs_heap_size_used_bytes{job="qgjob"}', 'heap {{instance}}'),
      ],
    ],
    ['Lag of the event loop, p99', 's', [q('nodejs_eventloop_lag_p99_seconds{job="qgjob"}', '{{instance}}')]],
    [
      'CPU and open files',
      'short',
      [
        q('rate(process_cpu_user_seconds_total{job="qgjob"}[$__rate_interval])', 'CPU {{instance}}'),
        q('process_open_fds{job="qgjob"}', 'files {{instance}}'),
      ],
    ],
  ],
};

// A variable of the dashboard, which Grafana fills in.
// biome-ignore lint/suspicious/noTemplateCurlyInString: the text is Grafana's
const datasource = { type: 'prometheus', uid: '${datasource}' };
const columns = 3;
const width = 24 / columns;
const height = 8;

const panels = [];
let y = 0;
const add = (panel) => panels.push({ id: panels.length + 1, ...panel });
for (const [row, charts] of Object.entries(rows)) {
  add({ type: 'row', title: row, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] });
  y += 1;
  charts.forEach(([title, unit, queries], index) => {
    const x = (index % columns) * width;
    const top = y + Math.floor(index / columns) * height;
    add({
      ...{ type: 'timeseries', title, datasource, gridPos: { x, y: top, w: width, h: height } },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      options: {
        legend: { displayMode: 'list', placement: 'bottom' },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
      targets: queries.map(({ expr, legend }, n) => ({
        ...{ refId: String.fromCharCode(65 + n), datasource, expr, legendFormat: legend || '__auto' },
      })),
    });
  });
  y += Math.ceil(charts.length / columns) * height;
}

const dashboard = {
  ...{ title: 'qgjob', uid: 'qgjob', tags: ['qgjob'], schemaVersion: 42, version: 1, editable: true },
  ...{ refresh: '30s', time: { from: 'now-6h', to: 'now' }, timezone: 'browser' },
  templating: {
    list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus', hide: 0 }],
  },
  annotations: { list: [] },
  panels,
};

const file = process.argv[2] ?? fileURLToPath(new URL('../deploy/grafana/qgjob.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(dashboard, null, 2)}\n`);
