import { expect, test } from 'vitest';
import { describeArtifact } from './read-artifacts.ts';

const octets = 'application/octet-stream';
const text = 'text/plain; charset=utf-8';

test.each([
  ['home.png', 'screenshot', 'image/png'],
  ['a/b/HOME.PNG', 'screenshot', 'image/png'],
  ['home.jpg', 'screenshot', 'image/jpeg'],
  ['home.jpeg', 'screenshot', 'image/jpeg'],
  ['home.webp', 'screenshot', 'image/webp'],
  ['video.webm', 'video', 'video/webm'],
  ['video.mp4', 'video', 'video/mp4'],
  ['test-results/login/trace.zip', 'trace', 'application/zip'],
  ['trace-1.zip', 'trace', 'application/zip'],
  ['perf.trace', 'trace', octets],
  ['subtrace.zip', 'other', 'application/zip'],
  ['device.log', 'log', text],
  ['notes.txt', 'log', text],
  ['junit.xml', 'report', octets],
  ['playwright-report/index.html', 'report', octets],
  ['playwright-report/data/a.css', 'report', octets],
  ['report.json', 'report', 'application/json'],
  ['qgjob-blob/1.jsonl', 'report', octets],
  ['results.json', 'report', 'application/json'],
  ['data.json', 'other', 'application/json'],
  ['logo.svg', 'other', octets],
  ['run.js', 'other', octets],
  ['app.apk', 'other', octets],
  ['png', 'other', octets],
  ['a.png/b', 'other', octets],
  ['a.constructor', 'other', octets],
  ['a.__proto__', 'other', octets],
])('%s is a %s, served as %s', (name, kind, contentType) => {
  expect(describeArtifact(name)).toEqual({ kind, contentType });
});
