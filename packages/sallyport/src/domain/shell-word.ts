// Writes a path or an argument so that a shell takes it as one word: messages hold commands that people copy.

/** The text as one word of a POSIX shell, quoted where it must be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
