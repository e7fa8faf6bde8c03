/** The page and the command line agree: a command of the one is in the other, or stands here with a reason. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { terminalOnly, roles } from '../../src/app/console/roles.ts'
import { commands as cli } from '../../src/cli/commands.ts'
import { openRig } from '../rig.ts'
import type { Rig } from '../rig.ts'

const root = join(import.meta.dirname, '../..')

/** In the command line and not at the page: why. */
const notAtThePage: Readonly<Record<string, string>> = {
  'push-saved': 'the bundle goes to the git of whoever sits at the terminal',
  'approver-enrol': 'shows the secret of one-time codes, which a terminal of the person must show',
  'approver-confirm': 'ends what `approver-enrol` began',
  'protect-look': 'part of `firebreak protect`, which writes the config on the machine',
  'protect-keep': 'part of `firebreak protect`, which writes the config on the machine',
  'setup-look': 'part of `firebreak init`, which writes files of the checkout',
  'setup-begin': 'part of `firebreak init`, which writes files of the checkout',
  'setup-files': 'part of `firebreak uninstall`, which puts those files back',
  'custody-rotate-look': 'part of `firebreak custody rotate`, which looks at files of the machine',
  'custody-rotate': 'says which files of the machine hold what is dead then',
  'custody-proof': 'part of `firebreak doctor`, which looks at files of the machine',
  'setup-rotate': 'part of `firebreak init`, which writes files of the checkout',
  'vault-progress': 'of one thing; the page asks `vault-running`, which has all of them',
  'vault-prune-look': 'the page says what may go from `vault-status`',
  'vault-prune':
    'takes the store to itself, and a process of its owner that deletes: not the daemon',
}

/** At the page, and in the command line without the daemon: how it is called there. It works when nothing runs. */
const withoutDaemon: Readonly<Record<string, string>> = {
  'ledger-verify': 'firebreak ledger verify',
  'ledger-search': 'firebreak ledger search',
  'ledger-proof': 'firebreak ledger prove',
  incident: 'firebreak ledger incident',
  map: 'firebreak map',
  'policy-read': 'firebreak policy show',
  'shadow-list': 'firebreak policy shadow',
  explain: 'firebreak explain',
  doctor: 'firebreak doctor',
}

/** At the page alone: why. */
const notInTheTerminal: Readonly<Record<string, string>> = {
  statement: 'what a passkey signs: a terminal has none',
  'passkey-open': 'by an invitation, where the passkey is made',
  'passkey-arrive': 'by an invitation, where the passkey is made',
  'grant-ask': 'a client sends a browser, not a terminal',
  'grant-ask-refuse': 'a client sends a browser, not a terminal',
}

/** Commands that a text calls: `call('x', …)`, `call(parsed, a ? 'x' : 'y', …)`, `ask('x')`, and wishes that are signed. */
function calledIn(text: string): readonly string[] {
  const calls = [...text.matchAll(/\b(?:call|ask)\(/g)].map(({ index, 0: head }) =>
    argumentsFrom(text, index + head.length),
  )
  const wishes = [...text.matchAll(/\bcommand: '[a-z-]+'/g)].map(([wish]) => wish)
  return [...calls, ...wishes].flatMap((part) =>
    [...part.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map(([, name = '']) => name),
  )
}

/** Up to where the input begins, or the call ends. */
function argumentsFrom(text: string, from: number): string {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    const letter = text[at]
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    if (depth === 0 || (depth === 1 && letter === '{')) return text.slice(from, at)
  }
  return ''
}

function calledBy(pattern: string, known: ReadonlySet<string>): ReadonlySet<string> {
  // The demo plays a daemon and its people at once.
  const files = globSync(pattern, { cwd: root }).filter((file) => !/\.test\.|cli\/demo/.test(file))
  const names = files.flatMap((file) => calledIn(readFileSync(join(root, file), 'utf8')))
  return new Set(names.filter((name) => known.has(name)))
}

interface Sides {
  readonly page: ReadonlySet<string>
  readonly terminal: ReadonlySet<string>
}

/** What is on one side without a reason, and reasons that are none any more. */
function apart(known: ReadonlySet<string>, { page, terminal }: Sides): readonly string[] {
  const only = Object.keys({ ...withoutDaemon, ...notInTheTerminal })
  return [
    ...[...known].flatMap((name) => {
      if (!page.has(name) && !terminal.has(name)) return [`${name}: nobody calls it`]
      if (!page.has(name) && !(name in notAtThePage)) return [`${name}: not at the page`]
      return !terminal.has(name) && !only.includes(name) ? [`${name}: not in the terminal`] : []
    }),
    ...Object.keys(notAtThePage).flatMap((name) =>
      page.has(name) || !known.has(name) ? [`${name}: needs no reason any more`] : [],
    ),
    ...only.flatMap((name) =>
      terminal.has(name) || !known.has(name) ? [`${name}: needs no reason any more`] : [],
    ),
  ]
}

let rig: Rig
let known: ReadonlySet<string>
let sides: Sides
beforeAll(async () => {
  rig = await openRig()
  known = new Set(rig.running.commands.keys())
  sides = {
    page: calledBy('console/*.{ts,tsx}', known),
    terminal: calledBy('src/cli/*.ts', known),
  }
})
afterAll(() => rig.close())

test('every control command is at the page and in the command line, or its absence has a reason here', () => {
  // A reader that has fallen silent would find them all absent; one that sees too much, none.
  expect(sides.page.size).toBeGreaterThan(50)
  expect(sides.terminal.size).toBeGreaterThan(35)
  expect(apart(known, sides)).toEqual([])
})

test('a command that somebody adds to one side alone is named, and so is a reason that is none any more', () => {
  const more = new Set([...known, 'new-thing'])
  const { page, terminal } = sides
  const withNew = { page: new Set([...page, 'new-thing']), terminal }
  expect(apart(more, withNew)).toEqual(['new-thing: not in the terminal'])
  const inCli = { page, terminal: new Set([...terminal, 'new-thing']) }
  expect(apart(more, inCli)).toEqual(['new-thing: not at the page'])
  expect(apart(more, sides)).toEqual(['new-thing: nobody calls it'])
  const pruned = { page: new Set([...page, 'vault-prune']), terminal }
  expect(apart(known, pruned)).toEqual(['vault-prune: needs no reason any more'])
})

test.each([
  ["await call('vault-list', {}, shape)", ['vault-list']],
  ["await call(parsed, seen ? 'alarm-seen' : 'alarm-list', {", ['alarm-seen', 'alarm-list']],
  ["await call(parse(rest, daemonOptions), 'notify-test', {})", ['notify-test']],
  ["hands.call(\n  'vault-drill', { id })", ['vault-drill']],
  ["const wish = { command: 'hold-settle', input }", ['hold-settle']],
  ["['halt', { summary: 'halt' }]", []],
])('%s', (text, names) => expect(calledIn(text)).toEqual(names))

test('what the command line does without the daemon is in its usage', async () => {
  const all = await Promise.all([...cli.values()].map(async ({ load }) => (await load()).command))
  const usage = all.flatMap(({ usage: lines }) => lines).join('\n')
  for (const called of Object.values(withoutDaemon)) expect(usage).toContain(called)
})

test('what the page calls its API takes, and what stays on the machine the page never calls', () => {
  const free = ['statement', 'passkey-open', 'passkey-arrive']
  for (const name of sides.page) if (!free.includes(name)) expect([...roles.keys()]).toContain(name)
  for (const name of Object.keys(terminalOnly))
    if (!free.includes(name)) expect([...sides.page]).not.toContain(name)
})
