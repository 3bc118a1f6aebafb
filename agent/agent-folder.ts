import { join } from 'node:path';
import type { AgentConfig } from './config.ts';

/** Holds one folder for each process that is, or was, this agent. Agents of other names have their own. */
export const agentFolder = ({ dataDir, name }: AgentConfig): string => join(dataDir, name);

/** What this process needs for its leases; gone when it ends. */
export const processFolder = (config: AgentConfig): string => join(agentFolder(config), String(process.pid));
