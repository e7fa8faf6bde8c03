/** The store in a bucket keeps the contract, against a server in process. */
import { startSimS3 } from '../../sim/s3/server.ts'
import { s3Ground } from './s3-ground.ts'
import { lockContract } from './lock-contract.ts'
import { storeContract } from './store-contract.ts'

const owner = { id: 'AKOWNER', secret: 'the-owners-secret', may: () => true }

storeContract('a bucket with object lock', () =>
  s3Ground(async () => ({ ...(await startSimS3([owner], { pageSize: 3 })), owner })),
)
storeContract('a bucket of an old server, which ignores conditions and checksums', () =>
  s3Ground(async () => {
    const ignores = ['if-none-match', 'x-amz-checksum-sha256']
    return { ...(await startSimS3([owner], { ignores })), owner }
  }),
)
lockContract('a server in process', async () => ({ ...(await startSimS3([owner])), owner }))
