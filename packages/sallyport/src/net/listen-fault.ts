// Why an address cannot be listened on, and what to do: before a server runs, nobody but its operator reads this.

/** An address, and the key of the config that gives it. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  readonly section: 'listen' | 'metrics';
}

/** The error of a failed `listen`, with the address and the remedy. */
export function listenFault(error: Error, { host, port, section }: ListenPlace): string {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const code = 'code' in error ? String(error.code) : error.message;
  switch (code) {
    case 'EADDRINUSE':
      return (
        `${address} is in use: end the program that listens there, or set another port under \`${section}:\` in the config. ` +
        'If it is another Sallyport of yours, `sallyport status` with its --name or --state shows it'
      );
    case 'EACCES':
      return `this user may not listen on ${address}: set a port of 1024 or above under \`${section}:\` in the config`;
    case 'EADDRNOTAVAIL':
      return `this machine does not have the address of ${address}: set one that it has under \`${section}:\` in the config`;
    default:
      return `cannot listen on ${address} (${code}): see \`${section}:\` in the config`;
  }
}
