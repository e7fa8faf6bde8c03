import { defineConfig } from 'vitest/config'

// Unit, contract, house and scenario tests run in one go; two workers, since the machines have two cores.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'sim/**/*.test.ts', 'test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
  },
})
