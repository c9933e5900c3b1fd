// The table of protocol versions: each serves its own methods; another era is another row.
import type { JsonObject } from '../../domain/json-value.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { HttpAnswer } from '../http-answer.ts';
import type { RpcId } from './rpc-message.ts';

/** One request of a version, its envelope and headers checked. */
export interface MethodCall {
  readonly pipeline: Pipeline;
  /** Members that every result carries, as the inner text of its `_meta`. */
  readonly serverMeta: string;
  readonly token: string;
  readonly id: RpcId;
  readonly params: JsonObject;
  /** Aborted when the client goes away; made where it is asked for. */
  readonly signal: () => AbortSignal;
}

/** A method of a version. */
export interface RpcMethod {
  /** The member of `params` that `Mcp-Name` mirrors; null: the header must not be there. */
  readonly mirroredName: string | null;
  /** @throws SallyportError REQUEST_PARAMS and what the pipeline refuses with */
  serve(call: MethodCall): Promise<HttpAnswer>;
}

/** A version that is served. */
export interface ProtocolVersion {
  /** Its date, as clients name it. */
  readonly version: string;
  readonly methods: ReadonlyMap<string, RpcMethod>;
}
