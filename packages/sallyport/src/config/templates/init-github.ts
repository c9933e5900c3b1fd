// The file that `sallyport init github` writes: issues of GitHub, two read operations and one write.

/** Text of a commented config that loads as it stands. */
export function initGithub(): string {
  return `${access()}
operations:
${reads()}
${write()}
${agents()}`;
}

function access(): string {
  return `# What agents may do on GitHub. Holds no secret: the token is attached with
#   sallyport credential add github
# Make a fine-grained token for these repositories only, with the permission "Issues: read and write" and nothing else.
# Check this file with \`sallyport check\`; every field is explained in docs/config.md.

services:
  github:
    type: http
    url: https://api.github.com
    credential: github
    place: bearer                  # the header \`Authorization: Bearer …\`

credentials:
  github:
    kind: token
    max-lifetime: 90d              # older than this, it is refused; give the token itself no longer life
`;
}

function reads(): string {
  return `  # https://docs.github.com/rest/issues/issues#list-repository-issues
  github.issues:
    service: github
    effect: read                   # read, write or destroy
    description: Issues and pull requests of a repository, newest first.
    input:                         # closed and bounded: nothing else is accepted
      owner: &owner { type: string, maxLength: 39, pattern: '^[A-Za-z0-9-]+$' }
      repo: &repo { type: string, maxLength: 100, pattern: '^[A-Za-z0-9._-]+$' }
      state: { enum: [open, closed, all], default: open }
      count: { type: integer, minimum: 1, maximum: 50, default: 20 }
    http:
      method: GET
      path: /repos/{owner}/{repo}/issues
      query: { state: $state, per_page: $count }
      headers: &headers { accept: application/vnd.github+json, x-github-api-version: "2022-11-28" }
    reply: [/*/number, /*/title, /*/state, /*/user/login, /*/html_url]   # all that the agent sees

  # https://docs.github.com/rest/issues/issues#get-an-issue
  github.issue:
    service: github
    effect: read
    description: One issue of a repository with its text.
    input:
      owner: *owner
      repo: *repo
      number: &number { type: integer, minimum: 1, maximum: 10000000 }
    http: { method: GET, path: '/repos/{owner}/{repo}/issues/{number}', headers: *headers }
    reply: [/number, /title, /state, /body, /user/login, /comments, /html_url]
`;
}

function write(): string {
  return `  # https://docs.github.com/rest/issues/comments#create-an-issue-comment
  github.comment:
    service: github
    effect: write                  # GitHub honours no idempotency key: it is never sent twice
    description: Adds a comment to an issue. Everybody who can see the repository reads it.
    input:
      owner: *owner
      repo: *repo
      number: *number
      text: { type: string, minLength: 1, maxLength: 4000 }
    http:
      method: POST
      path: /repos/{owner}/{repo}/issues/{number}/comments
      headers: *headers
      body: { body: $text }
    reply: [/id, /html_url]
`;
}

function agents(): string {
  return `agents:
  assistant:                       # sallyport agent add assistant
    token: { max-lifetime: 30d }
    session: { max-lifetime: 1h }
    effect: write                  # nothing above it, whatever is added to \`may\`
    may:
      - github.issues: { where: { owner: { const: acme } }, rate: 60/m }
      - github.issue: { where: { owner: { const: acme } }, rate: 60/m }
      # What an issue says may tell the agent what to write: a person sees each comment first (\`sallyport approval list\`).
      - github.comment: { where: { owner: { const: acme }, repo: { enum: [shop] } }, rate: 10/h, approval: required }
`;
}
