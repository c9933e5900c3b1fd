// The variables that reach the process with the keys. An allow-list, because NODE_*, SSL_*, OPENSSL_*, PG*, *_PROXY, LD_* and
// DYLD_* open that process or its TLS, and nobody knows them all.
const names = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'TERM',
  'COLORTERM',
  'TZ',
  'TMPDIR',
  'NO_COLOR',
  'FORCE_COLOR',
  'CI',
  'CREDENTIALS_DIRECTORY',
  'NOTIFY_SOCKET',
];
const prefixes = ['LC_', 'XDG_', 'LISTEN_', 'SALLYPORT_'];
// Windows does not start a process without the first of them.
const windowsNames = [
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'USERNAME',
];

/** The allowed part of an environment. */
export function allowedEnvironment(environment, platform) {
  const isWindows = platform === 'win32';
  const allowed = {};
  Object.keys(environment).forEach((name) => {
    // Windows compares names without case, and so does whoever reads them there.
    const compared = isWindows ? name.toUpperCase() : name;
    const isNamed = names.indexOf(compared) >= 0 || (isWindows && windowsNames.indexOf(compared) >= 0);
    const isPrefixed = prefixes.some((prefix) => {
      return compared.indexOf(prefix) === 0;
    });
    if (isNamed || isPrefixed) allowed[name] = environment[name];
  });
  return allowed;
}

// glibc gives the top of its heap back to the system and takes it again, page by page, with every burst of requests: measured, a
// twentieth of what a call costs. Naming one threshold ends the adapting of the other, so both are named.
const allocator = {
  MALLOC_TRIM_THRESHOLD_: String(64 * 1024 * 1024),
  MALLOC_TOP_PAD_: String(4 * 1024 * 1024),
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
};

/** The environment of a server: the allowed part of another one, and settings of the allocator where it knows them. */
export function serverEnvironment(environment, platform) {
  const allowed = allowedEnvironment(environment, platform);
  return platform === 'linux' ? Object.assign(allowed, allocator) : allowed;
}
