// Reads the text form of an array ("Array Input and Output Syntax" of the PostgreSQL manual).

/** An array of texts, nulls and arrays. */
export type ArrayText = readonly (string | null | ArrayText)[];

// The server allows six dimensions.
const maxDepth = 6;
const element = /"((?:[^"\\]|\\[\s\S])*)"|([^{},"\\]+(?:\\[\s\S][^{},"\\]*)*)/y;

/** The array; undefined when the text is none. */
export function parseArray(text: string): ArrayText | undefined {
  // A lower bound other than 1 is written before the array; JSON has no place for it.
  const start = /^(?:\[[-\d:[\]]+=)?/.exec(text)?.[0].length ?? 0;
  const reader = new Reader(text, start);
  const array = reader.array(1);
  return reader.at === text.length ? array : undefined;
}

class Reader {
  at: number;
  readonly #text: string;

  constructor(text: string, start: number) {
    this.#text = text;
    this.at = start;
  }

  array(depth: number): ArrayText | undefined {
    if (depth > maxDepth || this.#text[this.at] !== '{') return undefined;
    this.at += 1;
    const items: (string | null | ArrayText)[] = [];
    if (this.#take('}')) return items;
    for (;;) {
      const item = this.#text[this.at] === '{' ? this.array(depth + 1) : this.#element();
      if (item === undefined) return undefined;
      items.push(item);
      if (this.#take('}')) return items;
      if (!this.#take(',')) return undefined;
    }
  }

  #element(): string | null | undefined {
    element.lastIndex = this.at;
    const match = element.exec(this.#text);
    if (match === null) return undefined;
    this.at = element.lastIndex;
    const [, quoted, plain] = match;
    if (quoted !== undefined) return quoted.replaceAll(/\\([\s\S])/g, '$1');
    return plain === 'NULL' ? null : plain?.replaceAll(/\\([\s\S])/g, '$1');
  }

  #take(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }
}
