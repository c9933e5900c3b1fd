// Where tests lie and how they run: one vitest for the packages, the workspace and the examples.
import { defineConfig } from 'vitest/config';

// No retries: a test that passes the second time has found something. Forks, because many tests start servers,
// workers and children, and a test that ends its process must not take the others with it.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    retry: 0,
    // For what hangs, not for what is slow: machines are shared, and some tests start a whole installation or look through all it wrote.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    passWithNoTests: true,
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      { extends: true, test: { name: 'packages', include: ['packages/*/test/**/*.test.ts'] } },
      { extends: true, test: { name: 'workspace', include: ['test/**/*.test.ts'] } },
      { extends: true, test: { name: 'examples', include: ['examples/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/packed-package.ts'],
        },
      },
    ],
  },
});
