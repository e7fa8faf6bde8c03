/** A whole Firebreak for the benchmark, with everything on: folder, the server's port; prints its port, and a grant for the database. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { rehearse } from '../../src/app/rehearse.ts'
import { serve } from '../../src/app/serve.ts'
import { upstream } from './subjects.ts'

const [, , dir = '', port = ''] = process.argv
const file = join(dir, 'firebreak.yaml')
writeFileSync(
  file,
  `version: 1
listen: 127.0.0.1:0
postgres: { listen: '127.0.0.1:0' }
targets:
  bench:
    platform: postgres
    url: postgres://${upstream.user}@127.0.0.1:${port}/${upstream.database}
    tls: off
    environments: { production: { id: bench } }
`,
)
const config = readConfig(file)
const running = await serve(config, (line) => process.stderr.write(`${line}\n`))
const { mint } = await rehearse(config, { target: 'bench', secret: upstream.password }, Date.now)
const grant = await mint('agent:bench', {
  operations: ['*'],
  environments: ['production'],
  expiresMs: 24 * 3_600_000,
  // pgbench changes more rows in a second than an agent may in an hour.
  rows: 1_000_000_000,
})
process.stdout.write(`${running.postgres?.split(':')[1] ?? ''} ${grant}\n`)
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
