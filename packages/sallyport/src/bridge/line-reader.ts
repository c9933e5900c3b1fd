// Cuts a stream of bytes into lines of bounded length: what a client sends without an end is dropped, not kept.

/** What becomes of lines. */
export interface LineEvents {
  /** A line without its end. */
  readonly line: (bytes: Buffer) => void;
  /** Once for each line that was longer than the bound. */
  readonly tooLong: () => void;
}

/** Takes chunks as they come. */
export interface LineReader {
  push(chunk: Buffer): void;
  /** The stream is over: what stands there without an end is a line as well. */
  end(): void;
}

const newline = 0x0a;

/** A reader of lines of at most `maxBytes`. */
export function createLineReader(maxBytes: number, events: LineEvents): LineReader {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let isDropping = false;

  const keep = (part: Buffer): void => {
    if (isDropping) return;
    keptBytes += part.length;
    if (keptBytes > maxBytes) {
      kept = [];
      isDropping = true;
    } else if (part.length > 0) {
      kept.push(part);
    }
  };
  const finish = (): void => {
    const line = Buffer.concat(kept);
    const wasDropped = isDropping;
    kept = [];
    keptBytes = 0;
    isDropping = false;
    if (wasDropped) events.tooLong();
    else events.line(line);
  };

  return {
    push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
        keep(chunk.subarray(from, at));
        finish();
        from = at + 1;
      }
      keep(chunk.subarray(from));
    },
    end() {
      if (keptBytes > 0) finish();
    },
  };
}
