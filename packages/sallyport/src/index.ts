// The library: start Sallyport from a program of one's own, and the vocabulary that it answers in.
export { type AppOptions, checkConfig, openAdmin, type Person, type RunningServer, startServer } from './app.ts';
export { type ErrorCode, errorCodes, type Fault, SallyportError } from './domain/errors.ts';
export type { LocatedProblem, Problem } from './domain/problem.ts';
export { Secret } from './domain/secret.ts';
