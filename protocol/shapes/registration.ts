import * as z from 'zod';
import { BootId, Installed } from './agent.ts';
import { Ms, Name, Target } from './common.ts';

export const DeviceOffer = z.strictObject({
  name: Name,
  target: Target,
  platform: z.string().max(50).optional(),
  os_version: z.string().max(50).optional(),
  labels: z
    .record(z.string().max(100), z.string().max(200))
    .refine((given) => Object.keys(given).length <= 100, 'at most 100 labels')
    .optional(),
  installed: Installed.optional(),
  fault: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .describe('Why it cannot be used now, in words: it is benched until it is offered without'),
});
export type DeviceOffer = z.infer<typeof DeviceOffer>;

export const RegisterAgent = z
  .strictObject({
    name: Name,
    boot_id: BootId,
    version: z.string().max(50),
    devices: z.array(DeviceOffer).max(200),
  })
  .refine((body) => new Set(body.devices.map((device) => device.name)).size === body.devices.length, {
    path: ['devices'],
    message: 'two devices have the same name',
  });
export type RegisterAgent = z.infer<typeof RegisterAgent>;

export const Registered = z.object({
  agent_id: z.string(),
  devices: z.array(z.object({ device_id: z.string(), name: z.string() })),
  lease_ttl_ms: Ms,
  heartbeat_ms: Ms,
});
export type Registered = z.infer<typeof Registered>;
