import type { Meter } from '../../server/queue/store/meter.ts';

/** A meter that keeps what it was told: `name {labels} n`, where `n` is how many or how many ms. */
export function keepingMeter(): Meter & { readonly told: string[] } {
  const told: string[] = [];
  const keep = (name: string, labels: object, n: number): void =>
    void told.push(`${name} ${JSON.stringify(labels)} ${n}`);
  return {
    told,
    count: (name, labels, n = 1) => keep(name, labels, n),
    time: (name, labels, ms) => keep(name, labels, ms),
  };
}
