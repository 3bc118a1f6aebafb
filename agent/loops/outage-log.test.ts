import { expect, test } from 'vitest';
import { OutageLog } from './outage-log.ts';

function listen() {
  const lines: string[] = [];
  return { lines, log: new OutageLog((line) => lines.push(line)) };
}

test('one outage that many loops meet is said once, and its end once, after the last one was answered', () => {
  const { lines, log } = listen();
  for (const who of ['a', 'b', 'a', 'b']) log.say('away', who);
  log.over('a');
  log.over('a');
  expect(lines).toEqual(['away']);
  log.over('b');
  log.over('b');
  expect(lines).toEqual(['away', 'the server answers again']);
  log.say('away', 'a');
  expect(lines).toHaveLength(3);
});

test('a call that gets through says nothing of one that does not', () => {
  const { lines, log } = listen();
  for (let n = 0; n < 50; n += 1) {
    log.say('finish: 403', 'verdict');
    log.over('heartbeat');
  }
  expect(lines).toEqual(['finish: 403']);
});

test('pages that are worded anew each time do not fill the log', () => {
  const { lines, log } = listen();
  for (let n = 0; n < 1000; n += 1) log.say(`502, incident ${n}`, 'heartbeat');
  expect(lines.length).toBeLessThan(10);
});

test('a loop that gives up leaves no outage behind', () => {
  const { lines, log } = listen();
  log.say('away', 'a');
  log.drop('a');
  log.say('away', 'a');
  log.over('a');
  expect(lines).toEqual(['away', 'away', 'the server answers again']);
});
