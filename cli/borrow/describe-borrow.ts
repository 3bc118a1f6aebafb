import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Borrow } from '../../protocol/shapes/borrow.ts';
import { clockOf } from './clock-of.ts';

/** What one needs to use a borrowed device, to keep it and to give it back. */
export function describeBorrow({ device, target, borrowed_until: until, note }: Borrow): string[] {
  if (!device) return [];
  const { driver, ...labels } = device.labels;
  const system = [device.platform, device.os_version].filter(Boolean).join(' ');
  const rows = [
    ['agent', device.agent],
    ['target', target],
    ...(system === '' ? [] : [['system', system]]),
    ...Object.entries(labels),
    ...(note === null ? [] : [['note', note]]),
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  const use = commandOf(driver, labels);
  const name = oneLine(device.name);
  return [
    `${name} is yours until ${until === null ? '?' : clockOf(until)}`,
    ...rows.map(([label = '', value = '']) => `  ${oneLine(label).padEnd(width)}  ${oneLine(value)}`),
    ...(use === undefined ? [] : ['', `on the host of ${oneLine(device.agent)}:`, `  ${use}`]),
    '',
    'keep it longer:',
    `  qgjob devices extend ${name} --for 30m`,
    'give it back:',
    `  qgjob devices return ${name}`,
  ];
}

/** How one gets to such a device. */
function commandOf(driver: string | undefined, labels: Readonly<Record<string, string>>): string | undefined {
  const word = (text: string | undefined) =>
    text !== undefined && /^[\w.:@-]+$/.test(text) ? text : undefined;
  const { serial, udid } = { serial: word(labels.serial), udid: word(labels.udid) };
  if (serial !== undefined && (driver === 'adb' || driver === 'avd')) return `adb -s ${serial} shell`;
  if (udid === undefined) return undefined;
  return driver === 'devicectl'
    ? `xcrun devicectl device info details --device ${udid}`
    : `xcrun simctl openurl ${udid} https://example.com`;
}

/** The place in the queue. */
export function describeWaiting({
  borrow_id,
  device,
  target,
  position,
  waits_for,
  minutes,
}: Borrow): string[] {
  const what = device ? oneLine(device.name) : `a device of ${target}`;
  return [
    `${borrow_id}  waiting for ${what}, number ${position} in the queue, for ${formatDuration(minutes * 60_000)}`,
    ...(waits_for === null ? [] : [`  ${oneLine(waits_for)}`]),
    `  give it up: qgjob devices return ${device ? oneLine(device.name) : borrow_id}`,
  ];
}
