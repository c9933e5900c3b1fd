// Folds CPU profiles of the server into the stages of a call, so that a figure says where the time goes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** CPU time by stage, in microseconds. */
export type StageTimes = ReadonlyMap<string, number>;

interface Frame {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly Frame[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

// The innermost frame of a stage owns the time: what it calls of the runtime and of `domain` is its work. In the order of a call.
const stages: readonly (readonly [string, RegExp])[] = [
  ['HTTP server of the runtime', /^node:(?:_http_(?:server|incoming|outgoing|common)|internal\/(?:http|stream_base))/],
  ['front door', /\/dist\/(?:frontends|net\/(?:answer|door|http-(?:answer|door)|listen|narrow|problem|read-body))/],
  ['authenticate', /\/dist\/(?:agents|pipeline\/authenticate)/],
  [
    'match, validate, build request',
    /\/dist\/(?:catalogue|pipeline\/(?:match|validate)|connectors\/http-(?:request|values|template))/,
  ],
  ['authorise', /\/dist\/(?:policy|pipeline\/authorise)/],
  ['open credential', /\/dist\/(?:vault|pipeline\/open)/],
  ['execute', /\/dist\/(?:connectors|net|pipeline\/execute)/],
  ['scrub', /\/dist\/pipeline\/(?:scrub|shape|create-scrubber)/],
  ['record', /\/dist\/(?:audit|pipeline\/record)/],
  ['store', /\/dist\/store/],
  ['other stages of the pipeline', /\/dist\/(?!domain)/],
];

// With the writer's thread and what no stage owns.
const stageNames: readonly string[] = [
  ...stages.map(([name]) => name),
  'runtime and sockets',
  'garbage collection',
  'writer thread, waiting for the disk included',
];

/** Reads every profile of a folder, cut to a window of the monotonic clock in microseconds. */
export function foldProfiles(folder: string, fromUs: number, toUs: number): StageTimes {
  const times = new Map<string, number>(stageNames.map((name) => [name, 0]));
  for (const file of readdirSync(folder)) {
    const profile: Profile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const isWriter = profile.nodes.some(({ callFrame }) => callFrame.url.endsWith('/writer-worker.js'));
    const owners = ownersOf(profile);
    let at = profile.startTime;
    for (const [index, sample] of profile.samples.entries()) {
      const spent = profile.timeDeltas[index] ?? 0;
      at += spent;
      const owner = owners.get(sample);
      if (at < fromUs || at > toUs || owner === undefined) continue;
      const name = isWriter ? 'writer thread, waiting for the disk included' : owner;
      times.set(name, (times.get(name) ?? 0) + spent);
    }
  }
  return times;
}

// By node of the profile; an idle one has no owner.
function ownersOf({ nodes }: Profile): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: number, inherited: string): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const { functionName, url } = node.callFrame;
    if (functionName === '(idle)') return;
    const own =
      functionName === '(garbage collector)' ? 'garbage collection' : stages.find(([, files]) => files.test(url))?.[0];
    const owner = own ?? inherited;
    owners.set(id, owner);
    for (const child of node.children ?? []) visit(child, owner);
  };
  const [root] = nodes;
  if (root !== undefined) visit(root.id, 'runtime and sockets');
  return owners;
}

/** One line for each stage: microseconds of CPU a call, and its share. */
export function stageTable(times: StageTimes, calls: number): string {
  const total = [...times.values()].reduce((sum, us) => sum + us, 0);
  const width = Math.max(...stageNames.map((name) => name.length));
  const lines = Array.from(times, ([name, us]) => {
    const share = `${Math.round((100 * us) / total)} %`;
    return `${name.padEnd(width)}  ${(us / calls).toFixed(1).padStart(6)} us  ${share.padStart(5)}`;
  });
  return `Where the time of a call goes (tools API, ${Math.round(total / calls)} us under the profiler):\n${lines.join('\n')}\n`;
}
