/** Runs git over a repository that nobody vouches for: reads only, and nothing that the repository's own settings name is started. */
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { homedir } from 'node:os'
import { text } from 'node:stream/consumers'
import { FirebreakError } from '../base/error.ts'

/** INVARIANT (reads only): all that git is ever told to do. */
export type GitCommand = 'cat-file' | 'diff-index' | 'log' | 'ls-files' | 'rev-list'
export type GitArguments = readonly [GitCommand, ...(readonly string[])]

/** What a repository's config could have started (git-config(1)): a watcher, hooks, a transport, a check of signatures; and files of the checkout that git would read beside them, which may be pipes. */
const tamed = [
  'core.fsmonitor=false',
  'core.hooksPath=/nowhere',
  'core.pager=cat',
  'protocol.allow=never',
  'log.showSignature=false',
  'core.commitGraph=false',
  'log.mailmap=false',
  'diff.orderFile=/dev/null',
].flatMap((setting) => ['-c', setting])

/** Not from the checkout's own PATH, which may name a folder of the checkout. */
const path = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

/** Git that says nothing for so long waits for something that never comes: a pipe that lies where it expects a file. */
const usualIdleMs = 60_000

/** What git prints, as it comes, and ends it where nobody reads on. Throws `wrong_state` with git's own last line where it fails, or says nothing for too long. */
export async function* gitOutput(
  folder: string,
  args: GitArguments,
  /** Whose output it is given to read, or which text. */
  source: GitArguments | { readonly text: string } | null = null,
  idleMs = usualIdleMs,
): AsyncGenerator<Buffer> {
  const child = start(folder, args)
  const feeder = feed(child, folder, source)
  // Git that ends before it has read everything says why itself.
  child.stdin.on('error', () => {})
  const ended = [child, ...(feeder === null ? [] : [feeder])].map(endOf)
  const idle = watchIdle(idleMs, () => child.stdout.destroy(stuck(idleMs)))
  feeder?.stdout.on('data', idle.heard)
  try {
    for await (const chunk of child.stdout) {
      // How long the reader takes is not git's doing.
      idle.pause()
      if (Buffer.isBuffer(chunk)) yield chunk
      idle.resume()
    }
  } finally {
    idle.pause()
    child.kill('SIGKILL')
    feeder?.kill('SIGKILL')
  }
  for (const fault of await Promise.all(ended))
    if (fault !== null)
      throw new FirebreakError('wrong_state', fault, 'see that `git log` works in this folder')
}

const stuck = (ms: number): FirebreakError =>
  new FirebreakError(
    'wrong_state',
    `git: it said nothing for ${Math.ceil(ms / 1000)} seconds and was ended`,
    'look for pipes in the checkout and in `.git` (`find . -type p`)',
  )

function watchIdle(ms: number, late: () => void) {
  let timer: NodeJS.Timeout | null = setTimeout(late, ms)
  const pause = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  const resume = (): void => {
    pause()
    timer = setTimeout(late, ms)
  }
  return { pause, resume, heard: (): unknown => timer?.refresh() }
}

/** The git that feeds it; null where a text does, or nothing. */
function feed(
  child: ChildProcessWithoutNullStreams,
  folder: string,
  source: GitArguments | { readonly text: string } | null,
): ChildProcessWithoutNullStreams | null {
  if (source === null || 'text' in source) {
    child.stdin.end(source?.text ?? '')
    return null
  }
  const feeder = start(folder, source)
  feeder.stdout.pipe(child.stdin)
  return feeder
}

function start(folder: string, args: GitArguments): ChildProcessWithoutNullStreams {
  return spawn('git', ['--no-pager', '--no-optional-locks', ...tamed, '-C', folder, ...args], {
    cwd: '/',
    env: {
      PATH: path,
      HOME: homedir(),
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_NO_LAZY_FETCH: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
    },
    stdio: 'pipe',
  })
}

/** One line of what went wrong; null where nothing did. */
async function endOf(child: ChildProcessWithoutNullStreams): Promise<string | null> {
  const code = new Promise<number | Error>((resolve) => {
    child.once('error', resolve)
    child.once('close', (code) => resolve(code ?? 1))
  })
  const said = await text(child.stderr)
  const result = await code
  if (result === 0) return null
  if (result instanceof Error) return 'git cannot be started'
  const lines = said.trim().split('\n')
  const fatal = lines.find((line) => /^(?:fatal|error): /.test(line)) ?? lines.at(-1) ?? ''
  return `git: ${fatal.replace(/^\w+: /, '').slice(0, 200)}`
}
