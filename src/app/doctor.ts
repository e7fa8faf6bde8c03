/** What weakens a set-up: facts that a person can change, each with what it costs. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../core/verdict.ts'
import { messageOf } from '../base/error.ts'
import { isObject, textOf } from '../base/json.ts'
import type { JsonObject } from '../base/json.ts'
import { sameUser } from '../custody/user.ts'
import { callControl } from './socket.ts'
import type { Config } from './config.ts'
import { resticTrouble } from './restic.ts'
import { databaseAt, isHere } from './config-targets.ts'
import type { TargetEntry } from './config-targets.ts'
import { oldFindings } from './rotate/findings.ts'
import { sendable } from './rotate/seen.ts'
import { checkUp } from './setup/checkup.ts'
import { lyingAround } from './setup/lying.ts'
import { placeOf } from './setup/prepare.ts'
import { lookAround } from './setup/seen.ts'
import { ownerFindings } from './vault-owner.ts'

/** The findings, worst first. Reads only. */
export async function diagnose(config: Config): Promise<readonly Finding[]> {
  const place = placeOf(config.file)
  // Read once: a large checkout takes seconds.
  const seen = await lookAround(place)
  return [
    ...userFindings(config),
    ...(await daemonFindings(config, async () => sendable(await lyingAround(place, seen)))),
    ...(await resticFindings(config)),
    ...configFindings(config),
    ...(await checkUp(config, place, seen)),
  ]
}

/** The same from within the daemon, of the config that it runs by: as whom agents run, it cannot see. */
export async function diagnoseHouse(config: Config, known: Known): Promise<readonly Finding[]> {
  return [
    ...knownFindings(config, known),
    ...(await resticFindings(config)),
    ...configFindings(config),
  ]
}

/** What the daemon alone knows. */
export interface Known {
  readonly enrolled: number
  /** Targets of which a credential is kept. */
  readonly kept: readonly string[]
  /** And of which nothing renews it any more. */
  readonly dead: readonly string[]
}

async function resticFindings(config: Config): Promise<readonly Finding[]> {
  const trouble = await resticTrouble(config)
  return trouble === null ? [] : [{ rule: 'no-restic', message: trouble }]
}

/** The doctor is run where the agent runs: its user is the agent's, and the state's owner is the daemon's. */
function userFindings(config: Config): readonly Finding[] {
  const gateway = ownerOf(config.state)
  return gateway === null ? [] : sameUser({ gateway, agent: process.getuid?.() ?? null })
}

async function daemonFindings(
  config: Config,
  /** For the daemon to compare with what it keeps: by their keyed hashes, and it keeps none of them. */
  lying: () => Promise<readonly JsonObject[]>,
): Promise<readonly Finding[]> {
  const ask = async (command: string, input: JsonObject = {}): Promise<unknown> =>
    await callControl(join(config.state, 'control.sock'), command, input)
  try {
    const [people, kept] = [await ask('approver-list'), await ask('custody-list')]
    const rows = rowsIn(kept)
    const names = (some: readonly JsonObject[]): readonly string[] =>
      some.map(({ target }) => textOf(target ?? null))
    return [
      ...knownFindings(config, {
        enrolled: Array.isArray(people) ? people.length : 0,
        kept: names(rows),
        dead: names(
          rows.filter(({ login }) => isObject(login) && typeof login['deadSince'] === 'number'),
        ),
      }),
      ...rowsIn(await ask('custody-proof', { seen: await lying() })).flatMap((row) =>
        oldFindings(row),
      ),
      ...rowsIn(await ask('alarm-list', { all: false })).map(alarmFinding),
    ]
  } catch (thrown) {
    // A daemon that does not answer is a finding of its own.
    return [{ rule: 'not-running', message: messageOf(thrown) }]
  }
}

function rowsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** What nobody has looked at yet: a session past Firebreak, a stale copy, a drill that failed. */
function alarmFinding({ rule = null, message = null }: JsonObject): Finding {
  return { rule: `alarm-${textOf(rule)}`, message: `${textOf(message)}; \`firebreak alarms\`` }
}

function knownFindings(config: Config, { enrolled, kept, dead }: Known): readonly Finding[] {
  const none = {
    rule: 'no-approver',
    message:
      'nobody is enrolled: whoever reaches the socket first can enrol; `firebreak approver enrol NAME`',
  }
  return [
    ...(enrolled === 0 ? [none] : []),
    ...Object.entries(config.targets)
      .filter(([name, entry]) => !kept.includes(name) && takesOne(entry))
      .map(([name]) => ({
        rule: 'no-credential',
        message: `no credential is kept for \`${name}\`: its calls are refused; \`firebreak custody add ${name}\``,
      })),
    ...dead.map((name) => ({
      rule: 'login-dead',
      message: `nothing renews the token of \`${name}\` any more; \`firebreak custody login ${name}\``,
    })),
  ]
}

/** A shell has none, and an MCP server only where the config says where it goes. */
function takesOne(entry: TargetEntry): boolean {
  return entry.platform === 'mcp' ? entry.secret !== undefined : entry.platform !== 'shell'
}

function configFindings(config: Config): readonly Finding[] {
  const undeclared = Object.entries(config.targets).filter(
    ([, { platform, environments }]) =>
      platform !== 'shell' && Object.keys(environments).length === 0,
  )
  return [
    ...(config.mode === 'shadow'
      ? [{ rule: 'shadow', message: 'shadow mode: nothing is refused' }]
      : []),
    ...(config.vault === undefined
      ? [
          {
            rule: 'no-vault',
            message: 'no vault: every destroy that needs a recovery point is refused',
          },
        ]
      : []),
    ...ownerFindings(config),
    ...Object.entries(config.targets)
      .filter(
        ([, entry]) => entry.platform === 'railway' && entry.header === 'project-access-token',
      )
      .map(([name]) => ({
        rule: 'no-bypass-watch',
        message: `a project token cannot read the audit log of \`${name}\`: calls past Firebreak are not seen there`,
      })),
    ...Object.entries(config.targets).flatMap(([name, entry]) => clearFindings(name, entry)),
    ...undeclared.map(([name]) => ({
      rule: 'no-environments',
      message: `\`${name}\` declares no environments: each counts as protected, and no grant can name one`,
    })),
    ...(config.key === undefined
      ? [
          {
            rule: 'key-beside-state',
            message:
              'the key lies beside the state it opens: a copy of the folder opens everything; name another place with `key:`',
          },
        ]
      : []),
  ]
}

function clearFindings(name: string, entry: TargetEntry): readonly Finding[] {
  if (entry.platform !== 'postgres' || entry.tls === 'verify') return []
  const host = databaseAt(entry.url)?.host ?? ''
  if (isHere(host)) return []
  const message = `\`${name}\` is reached without encryption: whoever is on the way reads its rows`
  return [{ rule: 'in-the-clear', message }]
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid
  } catch {
    // No state yet: nothing to own.
    return null
  }
}
