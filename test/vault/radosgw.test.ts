/** The store in a bucket against a real server with Object Lock: `npm run test:s3`. */
import { describe } from 'vitest'
import { lacking, startRadosgw } from './radosgw.ts'
import { attackContract } from './attack-contract.ts'
import type { AttackService } from './attack-contract.ts'
import { lockContract } from './lock-contract.ts'
import { s3Ground } from './s3-ground.ts'
import { storeContract } from './store-contract.ts'

const why =
  process.env['FIREBREAK_S3'] === 'radosgw' ? lacking() : 'it is asked for by `npm run test:s3`'

const start = async (): Promise<AttackService> => {
  const server = await startRadosgw()
  return { ...server, owner: server.user('owner'), stranger: server.user('stranger') }
}

describe.skipIf(why !== null)(`a real server${why === null ? '' : `: ${why}`}`, () => {
  storeContract('Ceph radosgw', () => s3Ground(start))
  lockContract('Ceph radosgw', start)
  attackContract('Ceph radosgw', start)
})
