/** Harmless calls through each host's own hook, as that host would send them: one that must be refused, one that must pass. Nothing in them is run. */
import { FirebreakError } from '../../base/error.ts'
import { plain } from '../../base/plain.ts'
import type { Finding } from '../../core/verdict.ts'
import { startOf } from './as-host.ts'
import type { Came, Start } from './fire.ts'
import { heard } from './heard.ts'
import type { Heard } from './heard.ts'
import type { Host, Installed, Place } from './host.ts'
import { fileOfCheckout } from './of-checkout.ts'
import { askByHttp } from './http-hook.ts'
import { harm, ordinary, renamed, samplesOf } from './samples.ts'
import type { Sample } from './samples.ts'

/** A call of an agent that waits longer than this is slow. */
const slowMs = 1000
/** Hosts wait for longer; a person at the doctor does not. */
const mostMs = 15_000

export interface Hands {
  /** The path of a Node 24: plugins are loaded by it. */
  readonly node: string
  /** `fire` of fire.ts. */
  readonly fire: (start: Start, waitMs: number) => Promise<Came>
}

/** What is wrong with the hooks of these hosts: which host, which file, what came back. */
export async function hookFindings(
  hosts: readonly Host[],
  place: Place,
  hands: Hands,
): Promise<readonly Finding[]> {
  const found: Finding[] = []
  // One after another: a machine that is busy with all of them would call each slow.
  for (const host of hosts) found.push(...(await findingsOf(host, place, hands)))
  return found
}

async function findingsOf(host: Host, place: Place, hands: Hands): Promise<readonly Finding[]> {
  try {
    return await looked(host, place, hands)
  } catch (thrown) {
    // A file that cannot be read is one that the host may not read either.
    if (!(thrown instanceof FirebreakError)) throw thrown
    return [{ rule: 'hook-unread', message: `${host.title}: ${thrown.message}` }]
  }
}

async function looked(host: Host, place: Place, hands: Hands): Promise<readonly Finding[]> {
  const installed = host.installed(place)
  const found: Finding[] = [...missing(host, installed)]
  for (const one of installed) {
    const off = host.silenced(place, one)
    if (off !== null)
      found.push({ rule: 'hook-off', message: `${whereOf(host, one)}: it is not asked: ${off}` })
    const sample = samplesOf(host.name).find(({ event }) => event === one.event)
    if (sample !== undefined) found.push(...(await tried(host, one, sample, { ...hands, place })))
  }
  return found
}

function whereOf({ title }: Host, { file, event }: Installed): string {
  return `${title}, \`${file}\`, ${event}`
}

function missing(host: Host, installed: readonly Installed[]): readonly Finding[] {
  if (installed.length === 0)
    return [
      {
        rule: 'hook-missing',
        message: `${host.title}: no file of it asks Firebreak; \`firebreak init\` puts the hook in`,
      },
    ]
  if (renamed.includes(host.name)) return []
  const events = new Set(installed.map(({ event }) => event))
  return samplesOf(host.name)
    .filter(({ event }) => !events.has(event))
    .map(({ event }) => ({
      rule: 'hook-missing',
      message: `${host.title}, \`${installed[0]?.file ?? ''}\`: nothing asks Firebreak at \`${event}\`; \`firebreak init\` puts it in`,
    }))
}

interface At extends Hands {
  readonly place: Place
}

async function tried(
  host: Host,
  one: Installed,
  sample: Sample,
  at: At,
): Promise<readonly Finding[]> {
  const where = whereOf(host, one)
  const { checkout } = at.place
  const ask = async (subject: ReturnType<typeof harm>): Promise<Came | null> =>
    await asked(one, JSON.stringify(sample.payload(subject)), at)
  const passed = await ask(ordinary(checkout))
  if (passed === null)
    return [
      {
        rule: 'hook-altered',
        message: `${where}: what stands there is more than Firebreak’s hook, or a file of this checkout, so it was not fired; \`firebreak init\` puts it right`,
      },
    ]
  const refused = sample.isRefused ? await ask(harm(checkout)) : null
  const slowest = Math.max(passed.ms, refused?.ms ?? 0)
  return [
    ...told(where, one, heard(host.name, passed), 'passes'),
    ...(refused === null ? [] : told(where, one, heard(host.name, refused), 'refuses')),
    ...(slowest > slowMs && passed.fault === null
      ? [
          {
            rule: 'hook-slow',
            message: `${where}: it took ${(slowest / 1000).toFixed(1)} s, and each call of the agent waits for it`,
          },
        ]
      : []),
  ].filter(({ message }, nth, all) => all.findIndex((each) => each.message === message) === nth)
}

async function asked(
  one: Installed,
  payload: string,
  { place, node, fire }: At,
): Promise<Came | null> {
  const waitMs = Math.min(one.waitsMs, mostMs)
  if (one.fires.kind === 'http') return await askByHttp(one.fires, payload, place.env, waitMs)
  const { fires } = one
  const words =
    fires.kind === 'argv' ? fires.argv : fires.kind === 'shell' ? fires.text.split(/[\s'"]+/) : []
  // A file of the checkout would run with all that the person's shell holds.
  if (fileOfCheckout(words, place) !== null) return null
  const start = startOf(one, payload, place, node)
  return start === null ? null : await fire(start, waitMs)
}

function told(
  where: string,
  { failsClosed }: Installed,
  got: Heard,
  wanted: 'passes' | 'refuses',
): readonly Finding[] {
  if (got.kind === wanted) return []
  switch (got.kind) {
    case 'fails': {
      const then = failsClosed ? 'every call is refused' : 'every call runs'
      const message = `${where}: it gives no answer that counts, so ${then}: ${plain(got.why)}`
      return [{ rule: 'hook-silent', message }]
    }
    case 'passes':
      return [{ rule: 'hook-lets-through', message: `${where}: it lets pass what destroys` }]
    case 'refuses':
      return [
        {
          rule: 'hook-refuses-all',
          message: `${where}: it refuses what is ordinary work: ${plain(got.why)}`,
        },
      ]
  }
}
