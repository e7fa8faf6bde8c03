/** An operation as a shell's command makes it. */
import type { DestroyKind, Effect } from '../../core/effect.ts'
import type { Operation } from '../../core/operation.ts'
import type { Run } from './run.ts'

interface Told {
  readonly effect: Effect
  readonly kinds?: readonly DestroyKind[]
  readonly rule: string
  readonly message: string
  readonly instead?: string | null
}

/** `name`: the program and the words that say what it does. */
export function operation(
  name: string,
  { effect, kinds = [], rule, message, instead }: Told,
): Operation {
  return {
    name,
    effect,
    kinds: effect === 'destroy' ? kinds : [],
    parameters: {},
    shown: {},
    selects: null,
    names: [],
    environments: [],
    findings: effect === 'read' || effect === 'write' ? [] : [{ rule, message }],
    alternatives: instead === null || instead === undefined ? [] : [instead],
  }
}

export function unread(name: string, message: string): Operation {
  return operation(name, { effect: 'unread', rule: 'shell-unread', message })
}

/** A command that nothing here knows to destroy. */
export function ordinary(name: string): Operation {
  return operation(name, { effect: 'write', rule: 'shell', message: '' })
}

export function destroys(
  name: string,
  kinds: readonly DestroyKind[],
  message: string,
  instead?: string,
): Operation {
  return operation(name, {
    effect: 'destroy',
    kinds,
    rule: 'shell-destroys',
    message,
    instead: instead ?? null,
  })
}

const devices = /^\/dev\/(sd|nvme|vd|hd|xvd|mapper|disk|md|dm-)/

/** True for a path under which a whole disk, or a part of one, lies. */
export function isDevice(path: string): boolean {
  return devices.test(path)
}

const databases = /^\/var\/lib\/(postgresql|pgsql|mysql|mariadb|mongodb|redis|etcd|clickhouse)\//
const files = /\.(sqlite3?|db3?|rdb|aof|ibd|myd|mdf|ldf)$/i

/** What it writes over by its redirections, or by naming a device to what copies: a device, a file of a database. */
export function written({ argv, writes, stdin }: Run): readonly Operation[] {
  const [program = '', ...args] = argv.map(({ text }) => text)
  const isEmpty = /^(:|true)?$/.test(program) ? stdin.kind === 'none' : args.at(0) === '/dev/null'
  const over = writes.filter(({ isOver }) => isOver).map(({ to }) => to.text)
  const copied = /^(cp|tee|install)$/.test(program) ? args.slice(-1) : []
  return [...over, ...copied].flatMap((path) => {
    if (/^\/dev\/(tcp|udp)\//.test(path)) return sentTo(path, program, args)
    if (isDevice(path)) return [destroys('>', ['data'], `writes over the device \`${path}\``)]
    const isLost = databases.test(path) || (isEmpty && files.test(path))
    return isLost ? [destroys('>', ['data'], `writes over \`${path}\`, of a database`)] : []
  })
}

/** Bash opens the address itself; an empty line only asks whether somebody is there. */
function sentTo(path: string, program: string, args: readonly string[]): readonly Operation[] {
  const isShell = /^(\S*\/)?(ba|z|da|k|a)?sh$/.test(program)
  const isAsked = /^(:|true|exec|)$/.test(program) || args.join('').trim() === ''
  return isShell || !isAsked ? [unread(path, `sends a text to \`${path}\` that nobody reads`)] : []
}
