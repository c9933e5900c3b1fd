// Paths of tiles and entry bundles as C2SP names them (c2sp.org/tlog-tiles v1.0.0), so that standard tools read a copy.

/** Leaves or hashes in a full tile. */
export const tileWidth = 256;

/** Path of the entry bundle `index`, which holds `width` entries. */
export function entriesPath(index: number, width: number): string {
  return `tile/entries/${indexPath(index)}${partial(width)}`;
}

/** Path of the tile `index` of a level, which holds `width` hashes. */
export function hashesPath(level: number, index: number, width: number): string {
  return `tile/${level}/${indexPath(index)}${partial(width)}`;
}

// Groups of three digits; all but the last begin with an x.
function indexPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
}

function partial(width: number): string {
  return width === tileWidth ? '' : `.p/${width}`;
}
