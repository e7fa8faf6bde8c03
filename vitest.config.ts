import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest.ts'

// Unit, contract, house and scenario tests run in one go; four workers, since the machines have two cores and a test
// waits more than half of its time for a server, a daemon or a command of its own.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'sim/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/ground.ts'],
    sequence: { sequencer: LongestFirst },
    maxWorkers: 4,
    // What happens by itself has its time on a machine that has other work too (of itself, vitest gives it one second);
    // a test that hangs is ended long after that.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
