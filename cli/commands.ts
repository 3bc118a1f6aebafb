import type { Command } from 'commander';

/** A command's own module: adds its arguments, flags and action. An exit code other than success goes to `done`. */
export interface CommandModule {
  define(command: Command, done: (exitCode: number) => void): void | Promise<void>;
}

interface Entry {
  readonly summary: string;
  /** Loaded only when the command is called: the server alone would double the time of every start. */
  readonly load: () => Promise<CommandModule>;
}

/** The commands, in the order of `qgjob --help`. */
export const commands: Readonly<Record<string, Entry>> = {
  dev: {
    summary: 'server and agent in one process, for this folder',
    load: () => import('./commands/dev.ts'),
  },
  server: { summary: 'run the server', load: () => import('./commands/server.ts') },
  agent: { summary: "run an agent on this host's devices", load: () => import('./commands/agent.ts') },
  submit: { summary: 'submit tests as one run', load: () => import('./commands/submit.ts') },
  status: { summary: 'how a run or a job stands', load: () => import('./commands/status.ts') },
  wait: { summary: 'wait until runs or jobs are final', load: () => import('./commands/wait.ts') },
  watch: { summary: 'watch a run until it ends', load: () => import('./commands/watch.ts') },
  open: { summary: 'open a run or a job on the dashboard', load: () => import('./commands/open.ts') },
  runs: { summary: 'list runs, newest first', load: () => import('./commands/runs.ts') },
  list: { summary: 'list jobs, newest first', load: () => import('./commands/list.ts') },
  logs: { summary: 'the log of a job', load: () => import('./commands/logs.ts') },
  artifacts: {
    summary: 'list or download the files that tests left',
    load: () => import('./commands/artifacts.ts'),
  },
  repro: {
    summary: 'fetch what a job ran, and run its test here',
    load: () => import('./commands/repro.ts'),
  },
  report: {
    summary: 'one report of a whole run, for other tools and as HTML',
    load: () => import('./commands/report.ts'),
  },
  cancel: { summary: 'cancel runs or jobs', load: () => import('./commands/cancel.ts') },
  hunt: { summary: 'how often does a test fail? on idle devices', load: () => import('./commands/hunt.ts') },
  retry: { summary: 'run a run or a job again', load: () => import('./commands/retry.ts') },
  explain: { summary: 'what a run came to, and why', load: () => import('./commands/explain.ts') },
  why: { summary: 'why a job has not started', load: () => import('./commands/why.ts') },
  devices: { summary: 'the devices, and why one is benched', load: () => import('./commands/devices.ts') },
  agents: { summary: 'the agents', load: () => import('./commands/agents.ts') },
  groups: { summary: 'the queue by app version and target', load: () => import('./commands/groups.ts') },
  'dead-letters': {
    summary: 'jobs that ended red and were not tried again',
    load: () => import('./commands/dead-letters.ts'),
  },
  tests: {
    summary: 'how tests went: flakiness, times, quarantine',
    load: () => import('./commands/tests.ts'),
  },
  quarantine: {
    summary: 'tests whose failures fail no run for a while',
    load: () => import('./commands/quarantine.ts'),
  },
  metrics: {
    summary: 'jobs a minute, times, success, installs saved',
    load: () => import('./commands/metrics.ts'),
  },
  apps: { summary: 'upload builds of apps, list and show them', load: () => import('./commands/apps.ts') },
  login: { summary: 'keep the token of a server', load: () => import('./commands/login.ts') },
  logout: { summary: 'remove a token that login kept', load: () => import('./commands/logout.ts') },
  whoami: {
    summary: 'which server and token are used, and by which setting',
    load: () => import('./commands/whoami.ts'),
  },
  init: { summary: 'write settings to begin with', load: () => import('./commands/init.ts') },
  doctor: { summary: 'can this host run an agent?', load: () => import('./commands/doctor.ts') },
  backup: {
    summary: 'make a backup of a server, while it runs',
    load: () => import('./commands/backup.ts'),
  },
  restore: {
    summary: "make a server's folder from a backup",
    load: () => import('./commands/restore.ts'),
  },
  orgs: {
    summary: 'orgs, their quotas, and whose workflows sign in by GitHub',
    load: () => import('./commands/orgs.ts'),
  },
  tokens: { summary: 'make, list, replace and revoke tokens', load: () => import('./commands/tokens.ts') },
  audit: { summary: 'who did what, from where', load: () => import('./commands/audit.ts') },
  mcp: { summary: 'tools for coding agents', load: () => import('./commands/mcp.ts') },
  completion: {
    summary: 'complete commands and flags in your shell',
    load: () => import('./commands/completion.ts'),
  },
};
