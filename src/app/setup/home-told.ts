/** Credentials in the home that an agent of the same user could find: which of them a gateway serves, and what to do about the others. */
import type { Found } from '../../scan/find.ts'
import { byHand } from '../rotate/by-hand.ts'

export interface AtHome {
  /** `~/.pgpass`, with the lines. */
  readonly where: string
  /** Rules and names, each once; never a character of a secret. */
  readonly what: string
  readonly why: string
  readonly todo: string
}

/** One for each file and provider, in the order of the files; what reaches little is left out. */
export function atHome(found: readonly Found[]): readonly AtHome[] {
  const groups = new Map<string, Found[]>()
  for (const each of found.filter(({ low }) => !low)) {
    const key = `${each.at.file} ${each.provider}`
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const lines = [...new Set(all.map(({ at }) => at.line))].slice(0, mostLines)
    return [
      {
        where: `${first.at.file}:${lines.join(',')}`,
        what: [...new Set(all.map(({ rule }) => rule))].join(', '),
        ...advice(first),
      },
    ]
  })
}

const mostLines = 5

function advice({ rule, provider, source }: Found): Pick<AtHome, 'why' | 'todo'> {
  if (source === 'shell-history')
    return {
      why: 'it was typed on a command line, and the shell keeps those',
      todo: `take the line out, and the credential back: ${byHand(provider)}`,
    }
  if (rule === 'pgpass')
    return {
      why: 'the Postgres gateway serves it',
      todo: 'firebreak init --home: the password goes into custody, and the line leads to the gateway',
    }
  if (provider === 'railway')
    return {
      why: 'the `railway` program speaks to its platform alone: it cannot be led through Firebreak, its token can be kept by it',
      todo: 'make a token for Firebreak (`platform: railway` in the config, `firebreak custody add railway`), then `railway logout` where agents work',
    }
  return {
    why: `no gateway of Firebreak serves ${provider === 'unknown' ? 'its client' : provider}: it stays where it is`,
    todo: `run agents as a user that cannot read it; if one may have: ${byHand(provider)}`,
  }
}
