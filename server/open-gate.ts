import type { ServerConfig } from './config.ts';
import { BoundedLines } from './gate/bounded-lines.ts';
import { Buckets } from './gate/buckets.ts';
import { BytesHeld } from './gate/bytes-held.ts';
import { addressKey, callerAddress } from './gate/caller-address.ts';
import { CallsInFlight } from './gate/calls-in-flight.ts';
import { Connections } from './gate/connections.ts';
import type { Gate } from './gate/gate.ts';
import { mostConnections } from './gate/most-connections.ts';
import { addressList } from './outbound/address-list.ts';

interface OpenedGate extends Gate {
  readonly connections: Connections;
  /** How many of them may be open. */
  readonly most: number;
}

const savedSeconds = 10;
const mostAnswerBytes = 64 * 1024 * 1024;

/** The limits of a server, and its connections, which it counts from the first one on. */
export function openGate(config: ServerConfig): OpenedGate {
  const proxies = addressList(config.trusted_proxies ?? []);
  const most = config.max_connections ?? mostConnections();
  const perSecond = config.max_requests_per_org;
  return {
    most,
    connections: new Connections({
      most,
      mostPerAddress: config.max_connections_per_address ?? Math.ceil((most * 3) / 4),
      keyOf: (address = '') => (address !== '' && proxies.has(address) ? undefined : addressKey(address)),
    }),
    calls: new CallsInFlight(config.max_calls_per_org ?? Math.ceil(most / 2)),
    answers: new BytesHeld(mostAnswerBytes),
    requests: perSecond === 0 ? undefined : new Buckets({ perSecond, burst: perSecond * savedSeconds }),
    badTokens: new Buckets({ perSecond: 1, burst: config.max_bad_tokens || Number.POSITIVE_INFINITY }),
    refusals: new BoundedLines(),
    addressOf: (remote, forwarded) => addressKey(callerAddress(remote, forwarded, proxies)),
  };
}
