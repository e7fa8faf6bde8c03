/** The physical engine as a process of its own, that can be killed: base backups one after another, and how far it is in lines. */
import { openPhysical } from '../../src/vault/engine-physical.ts'
import { openRig, overSql, replicate } from './physical-house.ts'

const [port = '', dir = '', way = ''] = process.argv.slice(2)
const rig = await openRig(Number(port), 'apart', dir, way === 'sql' ? overSql : replicate)
const engine = await openPhysical({ ...rig.receiver, ...rig.taking, shelvedMs: 20_000 })
setInterval(() => {
  const { durable, trouble, lost } = engine.status()
  process.stdout.write(`durable ${durable} ${lost === null ? '' : 'lost'} ${trouble ?? ''}\n`)
}, 10)
for (;;) process.stdout.write(`base ${(await engine.takeBase()).id}\n`)
