// Wraps a long value itself: where a terminal does it, the rest of the value begins where lines of ours begin.

/**
 * The text in pieces that fit into a number of columns. What is not ASCII counts as two columns, because some of it is that wide at
 * some terminals: a piece is rather too short than too long.
 */
export function wrapped(text: string, columns: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const character of text) {
    const wide = character > '\u007e' ? 2 : 1;
    if (piece !== '' && used + wide > columns) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += wide;
  }
  return [...pieces, piece];
}
