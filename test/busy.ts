/** What a test that must be quick measures: work, and not the time in which others had the processor. */

/** How many milliseconds this thread has worked so far. */
export function busyMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
