import * as z from 'zod';
import { runStatuses } from '../../protocol/states.ts';
import { readDevices } from '../fleet/read-fleet.ts';
import { logTail } from './log-tail.ts';
import { defineTool, type Tool } from './tool.ts';

const RunId = z.string().regex(/^run_/, 'the id of a run begins with run_');
const JobId = z.string().regex(/^job_/, 'the id of a job begins with job_');
const rowsShown = 50;

/** Tools that change nothing. */
export const readTools: readonly Tool[] = [
  defineTool({
    name: 'explain_run',
    description:
      'What a test run came to, and why, in at most 4 kB: each kind of failure with its first error line, since which commit the file fails, device, attempts and evidence. Begin with this.',
    isReadOnly: true,
    input: z.object({ run_id: RunId }),
    run: ({ client, signal }, { run_id }) => client.call('explainRun', { params: { id: run_id }, signal }),
  }),
  defineTool({
    name: 'list_runs',
    description: 'The newest test runs: status, conclusion, counts.',
    isReadOnly: true,
    input: z.object({
      status: z.enum(runStatuses).optional(),
      limit: z.int().min(1).max(rowsShown).default(10),
    }),
    async run({ client, orgId, signal }, { status, limit }) {
      const query = { limit, ...(status && { status }), ...(orgId !== undefined && { org_id: orgId }) };
      const { runs } = await client.call('listRuns', { query, signal });
      return runs.map(({ run_id, app_version_id, conclusion, reason, counts, submitted_at, ...run }) => ({
        ...{ run_id, status: run.status, conclusion, reason, app_version_id, submitted_at, counts },
      }));
    },
  }),
  defineTool({
    name: 'why_job',
    description: 'Why a test job has not started: its place in the queue, what blocks it, an estimate.',
    isReadOnly: true,
    input: z.object({ job_id: JobId }),
    run: ({ client, signal }, { job_id }) => client.call('explainJob', { params: { id: job_id }, signal }),
  }),
  defineTool({
    name: 'read_log',
    description: 'The last lines that a test job wrote, 16 kB at most, without colours.',
    isReadOnly: true,
    input: z.object({
      job_id: JobId,
      attempt: z.int().min(1).optional().describe('The last one by default'),
      lines: z.int().min(1).max(1000).default(100),
    }),
    async run({ client, signal }, { job_id, attempt, lines }) {
      const query = attempt === undefined ? {} : { attempt };
      const bytes = await client.call('readLogs', { params: { id: job_id }, query, signal });
      return logTail(bytes, lines) || 'the log is empty';
    },
  }),
  defineTool({
    name: 'list_devices',
    description:
      'Phones, emulators and other devices: what they are, whether one is free, and what runs on it.',
    isReadOnly: true,
    input: z.object({ target: z.string().optional().describe('emulator, device, device/pixel-8 …') }),
    async run({ client, orgId, signal }, { target }) {
      const devices = await readDevices(client, orgId);
      signal.throwIfAborted();
      const found = devices.filter((one) => target === undefined || one.target === target);
      return {
        devices: found
          .slice(0, rowsShown)
          .map(({ device_id, name, status, status_reason, job_id, ...one }) => ({
            ...{ device_id, name, target: one.target, status, status_reason, job_id },
          })),
        left_out: Math.max(0, found.length - rowsShown),
      };
    },
  }),
];
