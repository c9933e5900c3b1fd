// The JSON data model as types; what is parsed at the edge has one of these.

/** A JSON number whose exact text would be lost as a double; `JSON.stringify` writes it back verbatim. */
export interface RawJsonNumber {
  readonly rawJSON: string;
}

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | RawJsonNumber | JsonArray | JsonObject;

/** A JSON array. */
export type JsonArray = readonly JsonValue[];

/** A JSON object; read own keys only. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
