/** Takes away a folder of Firebreak's own, whatever modes were restored into it. */
import { chmod, readdir, rm } from 'node:fs/promises'

/** Also where it holds folders that nobody may write to. What is not there is away already. */
export async function takeAway(folder: string): Promise<void> {
  const away = async (): Promise<void> => await rm(folder, { recursive: true, force: true })
  await away().catch(async (thrown: unknown) => {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null
    if (code !== 'EACCES' && code !== 'EPERM') throw thrown
    await unshut(Buffer.from(folder))
    await away()
  })
}

/** Never through a link. */
async function unshut(folder: Buffer): Promise<void> {
  await chmod(folder, 0o700)
  const there = await readdir(folder, { withFileTypes: true, encoding: 'buffer' })
  for (const entry of there)
    if (entry.isDirectory()) await unshut(Buffer.concat([folder, Buffer.from('/'), entry.name]))
}
