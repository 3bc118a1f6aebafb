import * as z from 'zod';

const link = z.string().nullish();

/** A session as BrowserStack tells of it. Fields that may be missing are. */
export const SessionAnswer = z.object({
  automation_session: z.object({
    hashed_id: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
    name: z.string().nullish(),
    status: z.string().nullish(),
    browser_url: link,
    video_url: link,
    /** The text log. */
    logs: link,
    appium_logs_url: link,
    device_logs_url: link,
    selenium_logs_url: link,
    browser_console_logs_url: link,
    har_logs_url: link,
  }),
});
export type Session = z.infer<typeof SessionAnswer>['automation_session'];

/** One that has ended has a status that says how, or `done`. An unknown word is no end. */
export const hasEnded = ({ status }: Session): boolean =>
  ['done', 'passed', 'failed', 'error', 'timeout'].includes(status?.toLowerCase() ?? '');

/** Nobody has said yet whether its test passed. */
export const isUnjudged = ({ status }: Session): boolean => status?.toLowerCase() === 'done';
