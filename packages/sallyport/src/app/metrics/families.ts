// What Sallyport tells about itself: ids, codes and counts; never a value, a path or anything that an agent chose.
import type { AgentView, CredentialView } from '../../admin/client-shapes.ts';
import { bucketBoundsMs, type CallCounters, type DurationSeries } from './call-counters.ts';
import type { Family, Sample } from './exposition.ts';

/** What is read when somebody asks. */
export interface Reading {
  readonly counters: CallCounters;
  readonly credentials: readonly CredentialView[];
  readonly agents: readonly AgentView[];
  readonly auditRecords: number;
  readonly configDigest: string;
  readonly version: string;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly process: { readonly residentBytes: number; readonly cpuSeconds: number };
}

/** Every family. */
export function families(reading: Reading): readonly Family[] {
  return [...callFamilies(reading.counters), ...vaultFamilies(reading), ...processFamilies(reading)];
}

function callFamilies(counters: CallCounters): readonly Family[] {
  const calls = [...counters.calls.values()].map(({ agent, operation, result, code, count }) => {
    return { labels: { agent, operation, result, code }, value: count };
  });
  const atDoor = [...counters.atDoor].map(([code, value]) => ({ labels: { code }, value }));
  const durations = [...counters.durations.values()].flatMap(durationSamples);
  return [
    counter('sallyport_calls_total', 'Calls of known agents that ended, by result and code.', calls),
    counter('sallyport_door_refusals_total', 'Requests refused before authentication, by code.', atDoor),
    {
      name: 'sallyport_call_duration_seconds',
      type: 'histogram',
      help: 'Calls that ran, to their record.',
      samples: durations,
    },
    gauge('sallyport_calls_in_flight', 'Calls that are recorded and have not ended.', counters.inFlight),
    gauge('sallyport_audit_pending_records', 'Records with the writer, not durable yet.', counters.pendingRecords),
    counter('sallyport_redactions_total', 'Values taken out of replies.', [{ value: counters.redactions }]),
  ];
}

function durationSamples({ operation, buckets, sumMs }: DurationSeries): readonly Sample[] {
  let total = 0;
  const samples: Sample[] = buckets.map((count, index) => {
    total += count;
    const bound = bucketBoundsMs[index];
    const le = bound === undefined ? '+Inf' : String(bound / 1000);
    return { suffix: '_bucket', labels: { operation, le }, value: total };
  });
  const labels = { operation };
  return [...samples, { suffix: '_sum', labels, value: sumMs / 1000 }, { suffix: '_count', labels, value: total }];
}

function vaultFamilies({ credentials, agents, nowMs }: Reading): readonly Family[] {
  const left = (label: string, all: readonly (readonly [string, number | null])[]): readonly Sample[] =>
    all.flatMap(([id, dueAtMs]) =>
      dueAtMs === null ? [] : [{ labels: { [label]: id }, value: Math.round((dueAtMs - nowMs) / 1000) }],
    );
  return [
    {
      name: 'sallyport_credential_state',
      type: 'gauge',
      help: '1 for the state that a credential is in.',
      samples: credentials.map(({ id, state }) => ({ labels: { credential: id, state }, value: 1 })),
    },
    {
      name: 'sallyport_credential_left_seconds',
      type: 'gauge',
      help: 'Time until a credential is refused; below 0 it is.',
      samples: left(
        'credential',
        credentials.map(({ id, dueAtMs }) => [id, dueAtMs]),
      ),
    },
    {
      name: 'sallyport_agent_token_left_seconds',
      type: 'gauge',
      help: 'Time until the token of an agent is refused; below 0 it is.',
      samples: left(
        'agent',
        agents.map(({ id, tokenDueAtMs }) => [id, tokenDueAtMs]),
      ),
    },
  ];
}

function processFamilies({ auditRecords, configDigest, version, startedAtMs, process }: Reading): readonly Family[] {
  const info = [{ labels: { version, config: configDigest.slice(0, 12) }, value: 1 }];
  return [
    counter('sallyport_audit_records_total', 'Leaves of the audit tree.', [{ value: auditRecords }]),
    { name: 'sallyport_info', type: 'gauge', help: 'Version, and the config in force.', samples: info },
    gauge('process_start_time_seconds', 'Start of the server, seconds since the epoch.', startedAtMs / 1000),
    gauge('process_resident_memory_bytes', 'Resident memory.', process.residentBytes),
    counter('process_cpu_seconds_total', 'CPU time, user and system.', [{ value: process.cpuSeconds }]),
  ];
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, samples };
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [{ value }] };
}
