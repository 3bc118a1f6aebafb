import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A span as it came over the wire, with the service that sent it. */
export interface CameSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly status?: { readonly code: number; readonly message?: string };
}

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: CameSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<CameSpan, 'service'>[] }[];
  }[];
}

const textOf = (attributes: CameSpan['attributes'], key: string): string =>
  attributes.find((one) => one.key === key)?.value.stringValue ?? '';

/**
 * Stands in for an OpenTelemetry collector: keeps what is posted to /v1/traces, and checks nothing. There is no collector
 * to be installed here. `status`: what it answers; `holds`: it answers never.
 */
export async function openStandInCollector({ status = 200, holds = false } = {}) {
  const spans: CameSpan[] = [];
  let calls = 0;
  const server = createServer(async (request, response) => {
    calls += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (holds) return;
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    if (status === 200 && request.url === '/v1/traces')
      for (const { resource, scopeSpans } of resourceSpans)
        for (const one of scopeSpans.flatMap((scope) => scope.spans))
          spans.push({ ...one, service: textOf(resource.attributes, 'service.name') });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    calls: () => calls,
    named: (name: string) => spans.filter((one) => one.name === name),
  };
}
