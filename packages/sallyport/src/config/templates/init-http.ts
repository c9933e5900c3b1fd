// The file that `sallyport init http` writes: an HTTP API with two read operations to start from.

/** Text of a commented config that loads as it stands. */
export function initHttp(): string {
  return `# What agents may do, and with which credential. Holds no secret: values are attached with
#   sallyport credential add github
# Check it with \`sallyport check\`; every field is explained in docs/config.md.

services:
  github:
    type: http
    url: https://api.github.com
    credential: github
    place: bearer                  # the header \`Authorization: Bearer …\`

credentials:
  github:
    kind: token                    # use a token that can do no more than the operations below
    max-lifetime: 90d              # older than this, it is refused

operations:
  github.issue:
    service: github
    effect: read                   # read, write or destroy
    description: One issue of a repository.
    input:                         # closed and bounded: nothing else is accepted
      owner: { type: string, maxLength: 39, pattern: '^[A-Za-z0-9-]+$' }
      repo: { type: string, maxLength: 100, pattern: '^[A-Za-z0-9._-]+$' }
      number: { type: integer, minimum: 1, maximum: 1000000 }
    http:
      method: GET
      path: /repos/{owner}/{repo}/issues/{number}
      headers: { accept: application/vnd.github+json }
    reply: [/number, /title, /state, /body, /user/login]   # all that the agent sees

  github.search-issues:
    service: github
    effect: read
    description: Issues that match a search, best match first.
    input:
      query: { type: string, minLength: 1, maxLength: 256 }
      count: { type: integer, minimum: 1, maximum: 50, default: 10 }
    http:
      method: GET
      path: /search/issues
      query: { q: $query, per_page: $count }
      headers: { accept: application/vnd.github+json }
    reply: [/total_count, /items/*/number, /items/*/title, /items/*/html_url]

agents:
  assistant:                       # sallyport agent add assistant
    token: { max-lifetime: 30d }
    # local: true                  # clients on this machine need no token: sallyport mcp
    session: { max-lifetime: 1h }
    effect: read                   # nothing above it, whatever is added to \`may\`
    may:
      - github.issue: { where: { owner: { enum: [acme] } } }
      - github.search-issues: { rate: 30/m }
`;
}
