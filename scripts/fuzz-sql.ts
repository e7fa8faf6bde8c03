/** `npm run fuzz:sql [-- HOURS [SEED]]`: looks for a text that the reader of SQL lets through and that destroys on a real server. */
import { hunt } from '../test/postgres/fuzz.ts'

const [hours = '1', given] = process.argv.slice(2)
const seed = Number(given ?? Date.now() % 1_000_000_000)
const until = performance.now() + Number(hours) * 3_600_000
process.stdout.write(`seed ${seed}, ${hours} h\n`)

const { read, ran, finds } = await hunt(
  seed,
  (done) => {
    if (done > 0 && done % 20_000 === 0) process.stdout.write(`${done} read\n`)
    return performance.now() > until
  },
  (find) => process.stdout.write(`FOUND ${JSON.stringify(find)}\n`),
)
process.stdout.write(
  `${read} texts read, ${ran} let through and run, ${finds.length} slipped through\n`,
)
process.exitCode = finds.length === 0 ? 0 : 1
