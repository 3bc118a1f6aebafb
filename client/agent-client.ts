import { checkStrictly } from './check-shape.ts';
import { type Client, createClient } from './client.ts';
import type { Endpoint } from './request.ts';
import type { RetryRule } from './retry.ts';

/** An agent runs on its own: whatever keeps it from its server may be mended meanwhile. */
const patient: RetryRule = { forMs: 15_000 };

/**
 * A client for agents. They act on answers, so every answer is checked against the contract's zod shapes. It has a file
 * of its own because zod takes longer to load than all the rest of a command, and no other program needs it.
 */
export const createAgentClient = (endpoint: Endpoint, retry: RetryRule = patient): Client =>
  createClient({ ...endpoint, check: checkStrictly }, retry);
