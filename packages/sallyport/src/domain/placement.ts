// Where in a request a credential goes; part of what is sealed with the credential (I7).
import { assertNever } from './assert-never.ts';

/** The one declared place of a credential in requests to its service. */
export type Placement =
  | { readonly kind: 'bearer' }
  | { readonly kind: 'basic' }
  | { readonly kind: 'header'; readonly name: string; readonly prefix: string }
  | { readonly kind: 'query'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string };

/** A stable text form, used in the sealed target and shown to operators. */
export function placementText(place: Placement): string {
  switch (place.kind) {
    case 'bearer':
    case 'basic':
      return place.kind;
    case 'header':
      return `header:${place.name.toLowerCase()}:${place.prefix}`;
    case 'query':
    case 'cookie':
      return `${place.kind}:${place.name}`;
    default:
      return assertNever(place);
  }
}
