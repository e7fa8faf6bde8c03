/** Runs the rehearsal platform with the sample tenant as a program: `node sim/main.ts --dir DIR --port N`. */
import { parseArgs } from 'node:util'
import { kestrel, startKestrel } from './tenant.ts'

const { values } = parseArgs({ options: { dir: { type: 'string' }, port: { type: 'string' } } })
const port = Number(values.port ?? '0')

if (values.dir === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write('usage: node sim/main.ts --dir DIR [--port N]\n')
  process.exitCode = 2
} else {
  const railway = await startKestrel({ dir: values.dir, port })
  const lines = [
    `rehearsal platform at ${railway.graphql}`,
    `account token, made for domains: ${railway.token(kestrel.tokens.domains)}`,
    `volume shared by staging and production: ${kestrel.volumeId}`,
    'everything here can really be lost; stop with ctrl-c',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void railway.close())
}
