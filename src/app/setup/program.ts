/** Where Firebreak itself lies for the hosts that start it: a place that stays, and that no checkout's agent cleans up. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  chmodSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, sep } from 'node:path'
import type { HookCommand } from '../hosts/host.ts'

export interface Program {
  /** For hooks: the one small file where the package has it. */
  readonly hook: HookCommand
  readonly firebreak: HookCommand
  /** What a person types. */
  readonly typed: string
  /** Puts it there, where it is not yet. */
  readonly install: () => void
}

const own = join(import.meta.dirname, '../../..')

/**
 * A package that `npx` fetched, or that lies in a checkout's own `node_modules`, is copied to `~/.firebreak/app` with what it needs;
 * one that is installed for all, or a checkout of Firebreak, is used where it is.
 */
export function programAt(root: string = packageRoot(own)): Program {
  const modules = dirname(root)
  const isBorrowed =
    basename(modules) === 'node_modules' && (isFleeting(modules) || !isGlobal(modules))
  const home = join(homedir(), '.firebreak')
  const place = isBorrowed ? join(home, 'app', 'node_modules', basename(root)) : root
  const bin = join(place, 'bin/firebreak')
  const bundle = existsSync(join(root, 'dist/hook.cjs')) && !existsSync(join(root, 'src/cli'))
  return {
    hook: {
      argv: bundle ? [process.execPath, join(place, 'dist/hook.cjs')] : [process.execPath, bin],
    },
    firebreak: { argv: [process.execPath, bin] },
    typed: isBorrowed ? '~/.firebreak/bin/firebreak' : 'firebreak',
    install: () => {
      if (isBorrowed) copyTo(home, modules, bin)
    },
  }
}

/** The package's own folder, built (`dist/src/app/setup`) or not (`src/app/setup`). */
function packageRoot(folder: string): string {
  return basename(folder) === 'dist' ? dirname(folder) : folder
}

function isFleeting(modules: string): boolean {
  return modules.split(sep).includes('_npx')
}

/** npm’s folder for all: `lib/node_modules` beside a `bin`. */
function isGlobal(modules: string): boolean {
  return basename(dirname(modules)) === 'lib'
}

function copyTo(home: string, modules: string, bin: string): void {
  const app = join(home, 'app')
  const draft = `${app}.new`
  mkdirSync(join(home, 'bin'), { recursive: true, mode: 0o700 })
  rmSync(draft, { recursive: true, force: true })
  cpSync(modules, join(draft, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  // Hooks start from it at any moment: it is never gone for longer than a rename takes.
  const old = `${app}.old`
  rmSync(old, { recursive: true, force: true })
  if (existsSync(app)) renameSync(app, old)
  renameSync(draft, app)
  rmSync(old, { recursive: true, force: true })
  const typed = join(home, 'bin/firebreak')
  writeFileSync(typed, `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`)
  chmodSync(typed, 0o755)
}
