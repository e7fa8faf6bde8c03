/** PostgreSQL's programs from npm, for drills on a machine that has none: held to the hash that this Firebreak knows before a byte of them is unpacked. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readFile, readdir, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { FirebreakError } from '../base/error.ts'
import { parseJson } from '../base/json.ts'
import { fetchable } from '../vault/programs-known.ts'
import type { Fetchable } from '../vault/programs-known.ts'
import { fetchedHome } from '../vault/programs.ts'
import { preparedFolder } from '../vault/scratch.ts'

/**
 * Fetches one major version into the folder of scratch servers; gives where it lies. Throws `not_found` where no package is known or no
 * npm is there, `wrong_state` where it is there already, `broken_store` where what came is not what is known.
 */
export async function fetchPrograms(
  major: number,
  scratch: string,
  wanted: Fetchable | null = fetchable(major),
): Promise<string> {
  if (wanted === null)
    throw new FirebreakError(
      'not_found',
      `no package of PostgreSQL ${major} is known for this machine`,
      `install it (Debian: \`apt install postgresql-${major}\`)`,
    )
  await preparedFolder(scratch)
  const home = fetchedHome(scratch, major)
  const work = await mkdtemp(join(scratch, 'fetch-'))
  try {
    const { name, version } = wanted
    const spec = `${name}@${version}`
    await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', work, spec])
    const [file] = await readdir(work)
    if (file === undefined) throw failed('npm', 'it gave nothing')
    await mustBe(join(work, file), wanted)
    await run('tar', ['-xzf', join(work, file), '-C', work, '--no-same-owner', 'package/native'])
    const native = join(work, 'package', 'native')
    await link(native)
    // The servers run as a user who may do nothing but read them.
    await chmod(native, 0o755)
    await rename(native, home).catch((cause: unknown) => {
      throw new FirebreakError('wrong_state', `\`${home}\` is there already`, null, cause)
    })
    return home
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function mustBe(file: string, { name, version, integrity }: Fetchable): Promise<void> {
  const hash = createHash('sha512')
    .update(await readFile(file))
    .digest('base64')
  if (`sha512-${hash}` === integrity) return
  throw new FirebreakError(
    'broken_store',
    `what npm gave for ${name} ${version} is not what this Firebreak knows`,
    'nothing was unpacked: look which registry npm is set to',
  )
}

/** Libraries have more than one name; the package lists the others, since npm keeps no links. */
async function link(native: string): Promise<void> {
  const listed = parseJson(await readFile(join(native, 'pg-symlinks.json'), 'utf8'))
  for (const one of Array.isArray(listed) ? listed : []) {
    const { source, target } = Object(one)
    const [from, to] = [
      join(dirname(native), String(source)),
      join(dirname(native), String(target)),
    ]
    await symlink(relative(dirname(to), from), to)
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 10_000) said += text
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', () =>
      reject(new FirebreakError('not_found', `\`${program}\` is not on this machine`)),
    )
    child.once('close', (code) => (code === 0 ? resolve() : reject(failed(program, said))))
  })
}

function failed(program: string, said: string): FirebreakError {
  const line = said.trim().split('\n').at(0) ?? ''
  return new FirebreakError('not_reachable', `\`${program}\` failed: ${line || 'it said nothing'}`)
}
