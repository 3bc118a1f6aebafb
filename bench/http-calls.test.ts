import { expect, test } from 'vitest';
import { callsPerJob, readHttpCalls } from './http-calls.ts';

const look = (leases: number, finishes: number): Map<string, number> =>
  readHttpCalls(`# TYPE qgjob_http_requests_total counter
qgjob_http_requests_total{method="POST",route="/v1/leases",status="200"} ${leases}
qgjob_http_requests_total{route="/v1/leases/:id/jobs/:job/finish",status="200",method="POST"} ${finishes}
qgjob_http_requests_total{method="GET",route="/v1/runs/:id",status="200"} 4
qgjob_http_request_seconds_count{route="/v1/leases"} 12
`);

test('the calls of a job are those between two looks at the metrics', () => {
  expect(callsPerJob(look(1, 0), look(8, 18), 18)).toEqual([
    '  1.00  POST /v1/leases/:id/jobs/:job/finish 200',
    '  0.39  POST /v1/leases 200',
  ]);
});
