// The files that `sallyport init` writes, by kind of service.
import { assertNever } from '../../domain/assert-never.ts';
import { initGithub } from './init-github.ts';
import { initHttp } from './init-http.ts';
import { initPostgres } from './init-postgres.ts';
import { initSqlite } from './init-sqlite.ts';

/** The kinds of `sallyport init`. */
export const initKinds = ['http', 'sqlite', 'postgres', 'github'] as const;

/** A kind of `sallyport init`. */
export type InitKind = (typeof initKinds)[number];

/** Text of a commented config that loads as it stands. */
export function initTemplate(kind: InitKind): string {
  switch (kind) {
    case 'http':
      return initHttp();
    case 'github':
      return initGithub();
    case 'postgres':
      return initPostgres();
    case 'sqlite':
      return initSqlite();
    default:
      return assertNever(kind);
  }
}
