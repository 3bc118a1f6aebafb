import { expect, test } from 'vitest';
import { OutageLog } from './outage-log.ts';

function listen() {
  const lines: string[] = [];
  return { lines, talk: new OutageLog((line) => lines.push(line)) };
}

test('one trouble that many loops meet is said once, and its end once, when the last one was answered', () => {
  const { lines, talk } = listen();
  for (const who of ['a', 'b', 'a', 'b']) talk.say('away', who);
  talk.over('a');
  talk.over('a');
  expect(lines).toEqual(['away']);
  talk.over('b');
  talk.over('b');
  expect(lines).toEqual(['away', 'the server answers again']);
  talk.say('away', 'a');
  expect(lines).toHaveLength(3);
});

test('a call that gets through says nothing of one that does not', () => {
  const { lines, talk } = listen();
  for (let n = 0; n < 50; n += 1) {
    talk.say('finish: 403', 'verdict');
    talk.over('heartbeat');
  }
  expect(lines).toEqual(['finish: 403']);
});

test('pages that are worded anew each time do not fill the log', () => {
  const { lines, talk } = listen();
  for (let n = 0; n < 1000; n += 1) talk.say(`502, incident ${n}`, 'heartbeat');
  expect(lines.length).toBeLessThan(10);
});

test('who gives up leaves no trouble behind', () => {
  const { lines, talk } = listen();
  talk.say('away', 'a');
  talk.drop('a');
  talk.say('away', 'a');
  talk.over('a');
  expect(lines).toEqual(['away', 'away', 'the server answers again']);
});
