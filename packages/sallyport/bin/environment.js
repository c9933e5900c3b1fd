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
