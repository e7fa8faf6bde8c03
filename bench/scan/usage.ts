/** Loaded before a scanner: when it ends, what it took is written into the file that SCAN_USAGE names. */
import { writeFileSync } from 'node:fs'

process.once('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  writeFileSync(
    process.env['SCAN_USAGE'] ?? '',
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, rssMb: maxRSS / 1024 }),
  )
})
