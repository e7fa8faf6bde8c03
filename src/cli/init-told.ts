/** What `firebreak init` says: what it found, what it would write, what stays, and what comes next. */
import type { Prepared } from '../app/setup/prepare.ts'
import { diffOf } from '../app/setup/diff.ts'
import { atHome } from '../app/setup/home-told.ts'
import { shownPath } from '../app/setup/seen.ts'
import { rotates } from './init-rotate.ts'
import { paint } from './io.ts'
import type { Io } from './io.ts'
import { visible } from './table.ts'

export function tellPlan(io: Io, prepared: Prepared): void {
  const { place, seen, home, plan } = prepared
  const credentials = seen.found.length
  const agents = seen.hosts.map(({ title }) => title).join(', ')
  io.say(
    `${count(credentials, 'credential')} in this checkout; agents: ${agents === '' ? 'none that are known' : agents}; ${count(seen.servers.length, 'MCP server')} past Firebreak`,
  )
  for (const { unreadable, why } of seen.unreadable)
    io.note(visible(`not read: ${unreadable}: ${why}`))
  if (prepared.isStrange) tellStrange(io, prepared)
  const secrets = masksOf(prepared)
  for (const file of plan.files) {
    // A config holds no secret, and a mask could hide what a server's entry would have started.
    const masks = file.path === prepared.configFile ? [] : secrets
    for (const line of diffOf(file, shownPath(place, file.path), masks))
      io.say(coloured(io, visible(line)))
  }
  for (const { what, file, line, why, todo } of plan.stays) {
    const where = `${shownPath(place, file)}${line === null ? '' : `:${line}`}`
    io.say(paint(io, 'yellow', visible(`stays: ${where}: ${what}: ${why}`)))
    io.say(visible(`  ${todo}`))
  }
  const homely = atHome(home)
  if (homely.length > 0) io.say('in your home, where an agent of yours can read it too:')
  for (const { where, what, why, todo } of homely) {
    io.say(paint(io, 'yellow', visible(`  ${where}: ${what}: ${why}`)))
    io.say(visible(`    ${todo}`))
  }
  for (const { host, why } of plan.unhooked) io.say(visible(`no hook in ${host.title}: ${why}`))
  io.give({
    targets: plan.targets.map(({ name, entry }) => ({ name, entry })),
    files: plan.files.map(({ path }) => path),
    stays: plan.stays,
    home: homely,
    hooks: plan.hooked.map(({ name }) => name),
  })
}

/** Whatever a rule knows for a secret, and whatever a server is handed, known or not: the longest first. */
function masksOf({ seen, plan }: Prepared): readonly (readonly [string, string])[] {
  const handed = seen.servers.flatMap(({ env, headers }) => [
    ...Object.values(env),
    ...Object.values(headers),
  ])
  return [
    ...seen.found.flatMap(({ secret, masked }) => [[secret.reveal(), masked] as const]),
    ...plan.targets.flatMap(({ secret }) =>
      secret === null ? [] : [[secret.reveal(), '***'] as const],
    ),
    ...handed.filter((text) => text.length >= 6).map((text) => [text, '***'] as const),
  ].toSorted(([a], [b]) => b.length - a.length)
}

/** Whoever wrote it, its reader signs for all of it: where calls go, what is started, what counts as protected. */
export function tellStrange(io: Io, { place, configFile, configText }: Prepared): void {
  const name = shownPath(place, configFile)
  io.say(
    paint(
      io,
      'yellow',
      visible(
        `${name} was here already, and nobody has accepted it on this machine: what you sign is all of it`,
      ),
    ),
  )
  for (const line of configText.trimEnd().split('\n')) io.say(visible(`  | ${line}`))
}

export function tellEnd(
  io: Io,
  { plan, program, place, wasThere }: Prepared,
  rotate: readonly string[],
): void {
  const names = plan.targets.filter(({ secret }) => secret !== null).map(({ name }) => name)
  if (names.length > 0)
    io.say(`in custody: ${names.join(', ')}; grants stand in their place, for 30 days`)
  if (plan.hooked.length > 0)
    io.say(`hooks in: ${plan.hooked.map(({ title }) => title).join(', ')}; start them again once`)
  for (const host of plan.hooked)
    for (const why of new Set(host.installed(place).map((hook) => host.silenced(place, hook))))
      if (why !== null) io.say(visible(`${host.title}: ${why}`))
  for (const target of plan.targets)
    if (target.secret !== null && !rotate.includes(target.name))
      io.say(
        `what an agent may have read of \`${target.name}\` still opens: ${rotates(target) ? `firebreak custody rotate ${target.name}` : `make another where it was made, \`firebreak custody add ${target.name}\`, take the old one back there`}`,
      )
  if (names.length > 0) io.say('whether the old ones are dead: firebreak doctor')
  io.say(`next: ${program.typed} up${wasThere ? ' (anew)' : `, then ${program.typed} doctor`}`)
  io.say(`back to how it was: ${program.typed} uninstall`)
}

function count(many: number, word: string): string {
  return `${many} ${word}${many === 1 ? '' : 's'}`
}

function coloured(io: Io, line: string): string {
  if (line.startsWith('+++') || line.startsWith('---')) return paint(io, 'bold', line)
  if (line.startsWith('+')) return paint(io, 'green', line)
  return line.startsWith('-') ? paint(io, 'red', line) : line
}
