/** The store in a folder keeps the contract. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDiskStore } from '../../src/vault/store-disk.ts'
import { storeContract } from './store-contract.ts'

storeContract('a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-store-'))
  let places = 0
  return await Promise.resolve({
    fresh: async () => {
      places += 1
      const root = join(folder, `place${places}`)
      return await Promise.resolve({
        open: (laterMs = 0) => openDiskStore(root, randomBytes, Date.now() + laterMs),
        damage: async (name) => {
          const file = join(root, 'objects', name.slice(0, 2), name)
          const bytes = readFileSync(file)
          bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0)
          chmodSync(file, 0o600)
          writeFileSync(file, bytes)
          return await Promise.resolve(true)
        },
        rests: async () => await Promise.resolve(readdirSync(join(root, 'staging')).length),
      })
    },
    close: async () => await Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  })
})
