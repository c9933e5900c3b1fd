// Finds the named parameters of a SQL statement, so that inputs and parameters can be held against each other at load.

// Strings, quoted names and comments hold no parameters; `::` is a cast, not a parameter.
const token =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([A-Za-z_][A-Za-z0-9_]*)|([?@$])/g;

/** Names after `:` outside of strings and comments, and whether parameters of another style stand there. */
export function sqlParameters(sql: string): { readonly names: ReadonlySet<string>; readonly hasOtherStyle: boolean } {
  const names = new Set<string>();
  let hasOtherStyle = false;
  for (const [, name, other] of sql.matchAll(token)) {
    if (name !== undefined) names.add(name);
    if (other !== undefined) hasOtherStyle = true;
  }
  return { names, hasOtherStyle };
}
