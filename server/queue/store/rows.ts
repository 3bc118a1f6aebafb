import type { agents, attempts, devices, groups, jobs, leases, orgs, runs, tokens } from '../../db/schema.ts';

export type RunRow = typeof runs.$inferSelect;
export type JobRow = typeof jobs.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;
export type LeaseRow = typeof leases.$inferSelect;
export type GroupRow = typeof groups.$inferSelect;
export type AgentRow = typeof agents.$inferSelect;
export type DeviceRow = typeof devices.$inferSelect;
export type OrgRow = typeof orgs.$inferSelect;
export type TokenRow = typeof tokens.$inferSelect;
