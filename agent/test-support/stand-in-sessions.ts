import { randomBytes } from 'node:crypto';

/** A session of the stand-in for BrowserStack. */
export interface StandInSession {
  readonly id: string;
  readonly build: string;
  readonly name: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  status: 'running' | 'done' | 'passed' | 'failed';
  reason: string;
  /** Lists may be late with it. */
  isListed: boolean;
  /** How often its video was asked for. */
  videoAsked: number;
}

export const newId = (): string => randomBytes(20).toString('hex');

/** The sessions and builds that an account has at the stand-in. */
export class StandInSessions {
  readonly all: StandInSession[] = [];
  /** Ids by name. */
  readonly builds = new Map<string, string>();

  open(build: string, name: string, capabilities: Readonly<Record<string, unknown>>): StandInSession {
    const session: StandInSession = {
      id: newId(),
      build,
      name,
      capabilities,
      status: 'running',
      reason: '',
      isListed: true,
      videoAsked: 0,
    };
    this.all.unshift(session);
    if (!this.builds.has(build)) this.builds.set(build, newId());
    return session;
  }

  find(id: string | undefined): StandInSession | undefined {
    return this.all.find((session) => session.id === id);
  }

  get running(): number {
    return this.all.filter(({ status }) => status === 'running').length;
  }
}

interface Places {
  readonly dashboard: string;
  readonly logs: string;
  readonly videos: string;
  /** In every link. */
  readonly linkToken: string;
}

/** As the API tells of it. It has a video once it is over. */
export function describeSession({ id, name, status, reason, build }: StandInSession, places: Places) {
  const end = `?auth_token=${places.linkToken}`;
  const log = (kind: string): string => `${places.logs}/files/${id}/${kind}${end}`;
  return {
    automation_session: {
      ...{ name, duration: 1, os: 'android', os_version: '14.0', device: 'Stand-in', status, hashed_id: id },
      ...{ reason, build_name: build, project_name: 'qgjob', logs: log('text') },
      browser_url: `${places.dashboard}/dashboard/sessions/${id}${end}`,
      public_url: `${places.dashboard}/dashboard/sessions/${id}${end}`,
      appium_logs_url: log('appium'),
      device_logs_url: log('device'),
      ...(status !== 'running' && { video_url: `${places.videos}/video/${id}${end}` }),
    },
  };
}

/** `PUT` of a session takes these two fields and nothing else. Throws for another. */
export function judge(session: StandInSession, body: Record<string, unknown>): void {
  const { status, reason, ...more } = body;
  if (status !== 'passed' && status !== 'failed') throw new Error(`status ${status}`);
  if (typeof reason !== 'string' || Object.keys(more).length > 0) throw new Error(JSON.stringify(body));
  session.status = status;
  session.reason = reason;
}
