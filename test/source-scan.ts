// Reads TypeScript sources as tokens: enough to find imports and calls without a compiler API, and never fooled by comments or strings.

/** A piece of source; comments are dropped, the text between the parts of a template is read as code. */
export interface Token {
  readonly kind: 'word' | 'string' | 'punctuation';
  readonly text: string;
  readonly line: number;
}

/** One reference from a file to another module. */
export interface ImportReference {
  readonly specifier: string;
  readonly how: 'static' | 'type' | 'dynamic' | 'worker';
  readonly line: number;
}

/** Splits source text into tokens. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const templateDepths: number[] = [];
  let braces = 0;
  let at = 0;
  let line = 1;
  const push = (kind: Token['kind'], text: string): void => {
    tokens.push({ kind, text, line });
  };
  const skipTo = (end: number): string => {
    const text = source.slice(at, end);
    for (const character of text) if (character === '\n') line += 1;
    at = end;
    return text;
  };
  while (at < source.length) {
    const rest = source.slice(at, at + 2);
    const character = source.charAt(at);
    if (rest === '//' || (rest === '#!' && at === 0)) skipTo(lineEnd(source, at));
    else if (rest === '/*') skipTo(after(source, '*/', at + 2));
    else if (/\s/.test(character)) skipTo(at + 1);
    else if (character === '"' || character === "'") push('string', skipTo(quoteEnd(source, at)).slice(1, -1));
    else if (character === '`' || (character === '}' && templateDepths.at(-1) === braces)) {
      if (character === '}') templateDepths.pop();
      const end = templatePartEnd(source, at + 1);
      const text = skipTo(end);
      push('string', text.slice(1, text.endsWith('${') ? -2 : -1));
      if (text.endsWith('${')) templateDepths.push(braces);
    } else if (character === '/' && startsRegularExpression(tokens.at(-1))) {
      skipTo(regularExpressionEnd(source, at));
      push('string', '/…/');
    } else if (/[\w$#]/.test(character)) push('word', skipTo(wordEnd(source, at)));
    else {
      if (character === '{') braces += 1;
      if (character === '}') braces -= 1;
      push('punctuation', skipTo(at + 1));
    }
  }
  return tokens;
}

/** Finds every module that the tokens refer to: import, export from, import(), import types, and workers by new URL(). */
export function importsOf(tokens: readonly Token[]): readonly ImportReference[] {
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || tokens[index - 1]?.text === '.') return [];
    if (token.text === 'import') return importAt(tokens, index);
    if (token.text === 'export') return exportAt(tokens, index);
    if (token.text === 'URL' && tokens[index - 1]?.text === 'new') return workerAt(tokens, index);
    return [];
  });
}

function importAt(tokens: readonly Token[], index: number): readonly ImportReference[] {
  const next = tokens[index + 1];
  if (next === undefined || next.text === '.') return [];
  if (next.kind === 'string') return [{ specifier: next.text, how: 'static', line: next.line }];
  if (next.kind === 'punctuation' && next.text === '(') {
    const argument = tokens[index + 2];
    const isLiteral = argument?.kind === 'string';
    return [{ specifier: isLiteral ? argument.text : '(computed)', how: 'dynamic', line: next.line }];
  }
  return fromClause(tokens, index);
}

function exportAt(tokens: readonly Token[], index: number): readonly ImportReference[] {
  const next = tokens[index + 1];
  const first = next?.text === 'type' ? tokens[index + 2] : next;
  return first?.text === '{' || first?.text === '*' ? fromClause(tokens, index) : [];
}

// A clause holds names, braces, commas and stars only; anything else means that there is no `from` here.
function fromClause(tokens: readonly Token[], index: number): readonly ImportReference[] {
  for (let i = index + 1; i < tokens.length; i += 1) {
    const token = tokens[i];
    const next = tokens[i + 1];
    if (token === undefined) return [];
    if (token.text === 'from' && next?.kind === 'string') {
      const second = tokens[index + 2]?.text;
      const isType = tokens[index + 1]?.text === 'type' && second !== ',' && second !== 'from';
      return [{ specifier: next.text, how: isType ? 'type' : 'static', line: next.line }];
    }
    if (token.kind === 'punctuation' && !'{},*'.includes(token.text)) return [];
  }
  return [];
}

function workerAt(tokens: readonly Token[], index: number): readonly ImportReference[] {
  const found: ImportReference[] = [];
  let depth = 0;
  for (const token of tokens.slice(index + 1)) {
    if (token.kind === 'punctuation' && token.text === '(') depth += 1;
    if (token.kind === 'punctuation' && token.text === ')') depth -= 1;
    if (depth === 0) break;
    if (token.kind === 'string' && /^\.\.?\/.*\.[jt]s$/.test(token.text)) {
      found.push({ specifier: token.text.replace(/\.js$/, '.ts'), how: 'worker', line: token.line });
    }
  }
  return found;
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end < 0 ? source.length : end;
}

function after(source: string, text: string, from: number): number {
  const end = source.indexOf(text, from);
  return end < 0 ? source.length : end + text.length;
}

function wordEnd(source: string, from: number): number {
  let end = from;
  while (end < source.length && /[\w$#]/.test(source.charAt(end))) end += 1;
  return end;
}

function quoteEnd(source: string, from: number): number {
  const quote = source.charAt(from);
  let end = from + 1;
  while (end < source.length && source.charAt(end) !== quote) end += source.charAt(end) === '\\' ? 2 : 1;
  return end + 1;
}

function templatePartEnd(source: string, from: number): number {
  let end = from;
  while (end < source.length) {
    if (source.charAt(end) === '`') return end + 1;
    if (source.slice(end, end + 2) === '${') return end + 2;
    end += source.charAt(end) === '\\' ? 2 : 1;
  }
  return end;
}

function regularExpressionEnd(source: string, from: number): number {
  let end = from + 1;
  let inClass = false;
  while (end < source.length && source.charAt(end) !== '\n') {
    const character = source.charAt(end);
    if (character === '[') inClass = true;
    if (character === ']') inClass = false;
    if (character === '/' && !inClass) return wordEnd(source, end + 1);
    end += character === '\\' ? 2 : 1;
  }
  return end;
}

// After a value a slash divides; after an operator, an opening bracket or a keyword it opens a regular expression.
function startsRegularExpression(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'string') return false;
  if (before.kind === 'word')
    return /^(return|typeof|case|in|of|void|throw|await|yield|else|do|delete)$/.test(before.text);
  return before.text !== ')' && before.text !== ']' && before.text !== '}';
}
