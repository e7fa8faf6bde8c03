/** A whole Firebreak for the benchmark: folder, upstream; prints its URL and a grant. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { rehearse } from '../../src/app/rehearse.ts'
import { serve } from '../../src/app/serve.ts'

const [, , dir = '', upstream = ''] = process.argv
const file = join(dir, 'firebreak.yaml')
writeFileSync(
  file,
  `version: 1
listen: 127.0.0.1:0
targets:
  railway:
    platform: railway
    url: ${upstream}
    environments: { staging: { id: env-s, protected: false } }
`,
)
const config = readConfig(file)
const running = await serve(config, () => {})
const { mint } = await rehearse(config, { target: 'railway', secret: 'benchmark-token' }, Date.now)
const grant = await mint('agent:bench', {
  operations: ['read', 'customDomain*'],
  environments: ['staging'],
  expiresMs: 3_600_000,
})
process.stdout.write(`${running.url}/railway ${grant}\n`)
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
