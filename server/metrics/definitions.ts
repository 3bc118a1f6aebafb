import type { Counted, Timed } from '../queue/store/meter.ts';
import type { Definition } from './definition.ts';

// Of a wait that people feel: from a device that is free to an hour and a half.
const waits = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 5400];
const works = [0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1800];

/** What the verbs of this process have counted. */
export const counters: Readonly<Record<keyof Counted, Definition>> = {
  runsSubmitted: { name: 'qgjob_runs_submitted_total', help: 'Runs submitted; without hunts' },
  jobsSubmitted: {
    name: 'qgjob_jobs_submitted_total',
    help: 'Jobs submitted; without those of hunts',
    labels: ['target'],
  },
  leases: { name: 'qgjob_leases_total', help: 'Leases made', labels: ['target'] },
  leasesExpired: {
    name: 'qgjob_leases_expired_total',
    help: 'Leases that were taken back: of an agent that was not heard (silent) or has started anew (restarted), or of a test far past its timeout (overdue)',
    labels: ['why'],
  },
  verdicts: { name: 'qgjob_verdicts_total', help: 'Attempts that ended, by verdict', labels: ['verdict'] },
  attemptErrors: {
    name: 'qgjob_attempt_errors_total',
    help: 'Attempts that ended without a verdict of their test, by class of error',
    labels: ['class'],
  },
  retries: {
    name: 'qgjob_retries_total',
    help: 'Jobs that are tried again after an attempt, by the class of its error; test_failed: the test itself failed',
    labels: ['class'],
  },
  installs: { name: 'qgjob_installs_total', help: 'Installs that agents did for leases' },
  installErrors: {
    name: 'qgjob_install_errors_total',
    help: 'Installs that failed, by class of error',
    labels: ['class'],
  },
  jobsFinished: {
    name: 'qgjob_jobs_finished_total',
    help: 'Jobs that are final, by status and outcome; without those of hunts',
    labels: ['status', 'outcome'],
  },
  runsFinished: {
    name: 'qgjob_runs_finished_total',
    help: 'Runs that are final, by conclusion; without hunts',
    labels: ['conclusion'],
  },
  installsSaved: {
    name: 'qgjob_installs_saved_total',
    help: 'Attempts of finished runs that needed no install of their own',
  },
  installTimeSaved: {
    name: 'qgjob_install_seconds_saved_total',
    help: 'What the saved installs would have taken',
  },
  outboxGivenUp: {
    name: 'qgjob_outbox_given_up_total',
    help: 'Messages that were given up, by kind of receiver',
    labels: ['kind'],
  },
  outboxDeliveries: {
    name: 'qgjob_outbox_deliveries_total',
    help: 'Tries to deliver a message, by kind of receiver and result',
    labels: ['kind', 'result'],
  },
};

/** What the verbs of this process have timed. */
export const timers: Readonly<Record<keyof Timed, Definition>> = {
  jobWait: {
    name: 'qgjob_job_wait_seconds',
    help: 'From the submit of a job to its first start; without those of hunts',
    labels: ['target'],
    buckets: waits,
  },
  attempt: {
    name: 'qgjob_attempt_seconds',
    help: 'How long attempts took that have a verdict of their test',
    labels: ['target'],
    buckets: works,
  },
  install: {
    name: 'qgjob_install_seconds',
    help: 'How long installs took that were done for leases',
    buckets: works,
  },
  feedback: {
    name: 'qgjob_run_feedback_seconds',
    help: 'From the submit of a run to its end',
    buckets: waits,
  },
};

/** How the queue is: read from the database, so that every server of it says the same. */
export const queueMetrics = {
  jobs: {
    name: 'qgjob_queue_jobs',
    help: 'Jobs that are queued, that wait for an instant (waiting), or that a device has (leased)',
    labels: ['target', 'state'],
  },
  oldest: {
    name: 'qgjob_queue_oldest_seconds',
    help: 'Time since the oldest queued job was submitted; 0: none is queued',
    labels: ['target'],
  },
  work: {
    name: 'qgjob_queue_work_seconds',
    help: 'Predicted work of the queued jobs',
    labels: ['target'],
  },
  scale: {
    name: 'qgjob_scale_jobs',
    help: 'Queued jobs that one more device would take: without leased ones, and without those of orgs that are paused or at their cap',
    labels: ['target'],
  },
  devices: {
    name: 'qgjob_devices',
    help: 'Devices by status: idle, busy, offline, paused, benched, borrowed',
    labels: ['target', 'status'],
  },
  agents: { name: 'qgjob_agents_online', help: 'Agents that were heard within one lease TTL' },
  leases: { name: 'qgjob_leases_active', help: 'Live leases' },
  runs: { name: 'qgjob_runs_active', help: 'Runs that are not final' },
  outbox: {
    name: 'qgjob_outbox_messages',
    help: 'Messages to webhooks and GitHub that are not delivered yet; counted up to 10000',
  },
  outboxOldest: { name: 'qgjob_outbox_oldest_seconds', help: 'Age of the oldest of them' },
} as const satisfies Record<string, Definition>;

/** Of these, the token of an org gets the figures of its own org. */
export const orgMetrics = ['jobs', 'work', 'scale'] as const satisfies (keyof typeof queueMetrics)[];
