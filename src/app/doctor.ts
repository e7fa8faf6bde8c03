/** What weakens a set-up: facts that a person can change, each with what it costs. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from '../core/verdict.ts'
import { messageOf } from '../base/error.ts'
import { callControl } from './socket.ts'
import type { Config } from './config.ts'

/** The findings, worst first. Reads only. */
export async function diagnose(config: Config): Promise<readonly Finding[]> {
  return [...sameUser(config), ...(await daemonFindings(config)), ...configFindings(config)]
}

/** The doctor is run by whoever the agent runs as: when the state is that user's own, so is everything in it. */
function sameUser(config: Config): readonly Finding[] {
  const me = process.getuid?.() ?? null
  const owner = ownerOf(config.state)
  if (me === null || owner === null) return []
  if (me === 0)
    return [
      {
        rule: 'root',
        message:
          'this shell is root: an agent in it reads every key on this machine; run agents as a user of their own',
      },
    ]
  if (me !== owner) return []
  return [
    {
      rule: 'same-user',
      message:
        'Firebreak runs as the user of this shell: an agent in it can read the key and the state, and end the daemon; run `firebreak up` as a user of its own',
    },
  ]
}

async function daemonFindings(config: Config): Promise<readonly Finding[]> {
  const ask = async (command: string): Promise<unknown> =>
    await callControl(join(config.state, 'control.sock'), command, {})
  try {
    const [people, kept] = [await ask('approver-list'), await ask('custody-list')]
    const none = Array.isArray(people) && people.length === 0
    const targets = new Set(Array.isArray(kept) ? kept.map((row) => JSON.stringify(row)) : [])
    const bare = Object.keys(config.targets).filter(
      (name) => ![...targets].some((row) => row.includes(`"target":"${name}"`)),
    )
    return [
      ...(none
        ? [
            {
              rule: 'no-approver',
              message:
                'nobody is enrolled: whoever reaches the socket first can enrol; `firebreak approver enrol NAME`',
            },
          ]
        : []),
      ...bare.map((name) => ({
        rule: 'no-credential',
        message: `no credential is kept for \`${name}\`: its calls are refused; \`firebreak custody add ${name}\``,
      })),
    ]
  } catch (thrown) {
    // A daemon that does not answer is a finding of its own.
    return [{ rule: 'not-running', message: messageOf(thrown) }]
  }
}

function configFindings(config: Config): readonly Finding[] {
  const undeclared = Object.entries(config.targets).filter(
    ([, { environments }]) => Object.keys(environments).length === 0,
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

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid
  } catch {
    // No state yet: nothing to own.
    return null
  }
}
