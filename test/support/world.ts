import { expect } from 'vitest';
import type { Client } from '../../client/index.ts';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import type { Scope } from '../../protocol/states.ts';
import type { TestServer } from './server.ts';

export interface Fleet {
  readonly name: string;
  readonly agentId: string;
  readonly bootId: string;
  readonly deviceId: string;
  /** A target that no other fleet has. */
  readonly target: string;
}

/**
 * Calls of one org on a server, with its own tokens. Every call creates new rows, so steps do not depend on each other.
 */
export class World {
  readonly server: TestServer;
  readonly tokens: Record<Scope, string>;
  #made = 0;

  constructor(server: TestServer, tokens: Record<Scope, string>) {
    this.server = server;
    this.tokens = tokens;
  }

  /** Submits one job, unless the body says otherwise. */
  submit(body: Partial<BodyOf<'submitRun'>> = {}): Promise<SubmitAnswer> {
    return this.server.as(this.tokens.submit).call('submitRun', {
      body: { app_version_id: 'v1', tests: ['a.spec.ts'], ...body },
    });
  }

  /** Registers an agent with one device. */
  async fleet(): Promise<Fleet> {
    this.#made += 1;
    const name = `agent-${this.#made}`;
    const target = `device/pool-${this.#made}`;
    const bootId = `boot-${this.#made}-of-this`;
    const { agent_id: agentId, devices } = await this.server.as(this.tokens.agent).call('registerAgent', {
      body: {
        name,
        boot_id: bootId,
        version: '1',
        devices: [{ name: 'one', target }],
      },
    });
    return { name, agentId, bootId, target, deviceId: devices[0]?.device_id ?? '' };
  }

  /** A lease with the one job of a new run. */
  async lease(body: Partial<BodyOf<'submitRun'>> = {}): Promise<{ fleet: Fleet; lease: Lease; job: Job }> {
    const fleet = await this.fleet();
    await this.submit({ ...body, target: fleet.target });
    const lease = await this.server.as(this.tokens.agent).call('takeLease', { body: this.poll(fleet) });
    const [job] = lease?.jobs ?? [];
    if (!lease || !job) throw new Error('the fleet got no lease for its queued job');
    return { fleet, lease, job };
  }

  /** The same, with the job started. */
  async running(): Promise<{ fleet: Fleet; lease: Lease; job: Job }> {
    const held = await this.lease();
    const params = { id: held.lease.lease_id, job_id: held.job.job_id };
    await this.of(held.lease).call('startJob', { params, body: { attempt: 1 } });
    return held;
  }

  /** The same, with the verdict reported: `passed` unless the report says otherwise. */
  async finished(report: Partial<BodyOf<'finishJob'>> = {}): Promise<Job> {
    const { lease, job } = await this.running();
    const tests = [{ name: 'opens', status: 'passed' as const, duration_ms: 5 }];
    return this.of(lease).call('finishJob', {
      params: { id: lease.lease_id, job_id: job.job_id },
      body: { attempt: 1, verdict: 'passed', duration_ms: 5, tests, ...report },
    });
  }

  /** A client for the calls of this lease. */
  of(lease: Lease): Client {
    return this.server.as(lease.token);
  }

  poll(fleet: Fleet, waitMs = 0): BodyOf<'takeLease'> {
    this.#made += 1;
    return {
      lease_id: `lease-${fleet.agentId.slice(-12)}-${this.#made}`,
      boot_id: fleet.bootId,
      device_id: fleet.deviceId,
      wait_ms: waitMs,
    };
  }
}

/** Fails unless the answer is an error with this code, a message of one line, and the request id. */
export function expectRefusal(
  answer: { status: number; json: { error: Record<string, unknown> }; headers: Headers },
  status: number,
  code: string,
): void {
  expect(answer).toMatchObject({ status, json: { error: { code } } });
  const { message, request_id: requestId } = answer.json.error;
  expect(message).toMatch(/^[^\n\r]{5,500}$/);
  expect(message).not.toMatch(/ at \S+:\d+|node_modules|SQLITE|undefined/);
  expect(requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.headers.get('content-type')).toBe('application/json');
}
