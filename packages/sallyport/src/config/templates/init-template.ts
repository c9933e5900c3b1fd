// The files that `sallyport init` writes, by kind of service.
import { assertNever } from '../../domain/assert-never.ts';
import { initHttp } from './init-http.ts';
import { initSqlite } from './init-sqlite.ts';

/** Text of a commented config with two read operations that loads as it stands. */
export function initTemplate(kind: 'http' | 'sqlite'): string {
  switch (kind) {
    case 'http':
      return initHttp();
    case 'sqlite':
      return initSqlite();
    default:
      return assertNever(kind);
  }
}
