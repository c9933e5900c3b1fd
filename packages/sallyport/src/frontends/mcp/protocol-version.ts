// The table of protocol versions: each serves its own methods, in the manner of its era.
import type { Presented } from '../../domain/agent.ts';
import type { Door } from '../../domain/call.ts';
import type { JsonObject } from '../../domain/json-value.ts';
import type { DoorRequest } from '../../net/door-request.ts';
import type { HttpAnswer } from '../../net/http-answer.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { RpcId } from './rpc-message.ts';

/** One request of a version, its envelope and headers checked. */
export interface MethodCall {
  readonly pipeline: Pipeline;
  /** Name and version of this server, as JSON text. */
  readonly serverInfo: string;
  readonly token: Presented;
  readonly door: Door;
  /** The version of the request, and of its answer. */
  readonly version: string;
  /** How the results of the version begin, as the inner text of their object. */
  readonly resultHead: string;
  readonly id: RpcId;
  readonly params: JsonObject;
  /** How the message came. */
  readonly request: DoorRequest;
}

/** A method of a version. */
export interface RpcMethod {
  /** The member of `params` that `Mcp-Name` mirrors; null: the header must not be there. Not looked at in the legacy era. */
  readonly mirroredName: string | null;
  /** @throws SallyportError REQUEST_PARAMS and what the pipeline refuses with */
  serve(call: MethodCall): Promise<HttpAnswer>;
}

/** A version that is served. */
export interface ProtocolVersion {
  /** Its date, as clients name it. */
  readonly version: string;
  /** `modern`: every request carries an envelope, mirrored in headers; `legacy`: a handshake, and a header with its version after it. */
  readonly era: 'modern' | 'legacy';
  readonly resultHead: string;
  readonly methods: ReadonlyMap<string, RpcMethod>;
}
