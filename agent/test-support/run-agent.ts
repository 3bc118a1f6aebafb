import { type AgentFlags, runAgent } from '../main.ts';

// A program of its own, for tests that send signals: the flags are its one argument, as JSON.
process.exitCode = await runAgent(JSON.parse(process.argv[2] ?? '{}') as AgentFlags);
