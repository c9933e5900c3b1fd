// Reads a path template: each segment is fixed or one whole input, so a value can never become two segments.
import type { Slot } from '../domain/operation.ts';
import type { InputScope } from './input-scope.ts';
import { isInputName } from './names.ts';
import { decodeSegment } from './service-url.ts';
import type { Spot } from './spot.ts';
import { report } from './spot.ts';

const maxSegments = 64;

/**
 * Reads `/repos/acme/{repo}/issues`. Fixed segments come decoded; `/` is no segment at all, and a slash at the end is an
 * empty last segment. What is wrong is reported.
 */
export function readPathTemplate(spot: Spot, path: string, scope: InputScope): readonly Slot[] {
  if (!path.startsWith('/')) return report(spot, 'must begin with `/`') ?? [];
  if (/[?#]/.test(path)) return report(spot, 'must not hold `?` or `#`; put query parameters under `query`') ?? [];
  if (path === '/') return [];
  const parts = path.slice(1).split('/');
  if (parts.length > maxSegments) return report(spot, `has more than ${maxSegments} segments`) ?? [];
  return parts
    .map((part, index) => readSegment(part, { spot, scope, isLast: index === parts.length - 1 }))
    .filter((slot) => slot !== undefined);
}

interface SegmentContext {
  readonly spot: Spot;
  readonly scope: InputScope;
  readonly isLast: boolean;
}

function readSegment(part: string, { spot, scope, isLast }: SegmentContext): Slot | undefined {
  if (part === '' && isLast) return { kind: 'fixed', text: '' };
  if (/[{}]/.test(part)) {
    const name = part.slice(1, -1);
    if (part !== `{${name}}` || !isInputName(name)) {
      return report(spot, 'an input must be a whole segment, such as `/items/{id}`');
    }
    scope.use(spot, name, 'present');
    return { kind: 'input', name };
  }
  if (part.startsWith('$')) return report(spot, 'inputs in a path are written `{name}`');
  const segment = decodeSegment(part);
  return segment.ok ? { kind: 'fixed', text: segment.text } : report(spot, segment.message);
}
