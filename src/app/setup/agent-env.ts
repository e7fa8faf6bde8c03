/** The environment that an agent is started with: no credential in it, and grants where a gateway serves. */
import { findIn } from '../../scan/find.ts'
import type { Config } from '../config.ts'
import { isSame, namedIn, throughGateway } from './gateway-url.ts'

export interface AgentEnv {
  readonly env: Readonly<Record<string, string>>
  /** Names of variables that were left out, and of those that lead through Firebreak now. */
  readonly removed: readonly string[]
  readonly led: readonly string[]
}

/** Names by which a variable says that it is a secret. What Firebreak's own commands read with it is of a person. */
const secretName =
  /(^|_)_?(AUTH_?TOKENS?|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|PASS|PWD|PW|PGPASSWORD|SSHPASS|CREDENTIALS?|CREDS|PRIVATE_?KEY|API_?KEYS?|APIKEY|ACCESS_?KEY|SECRET_?KEY|KEY|PAT|DSN|AUTH|COOKIES?)($|_)/i

/** Names of that kind that say where a shell is, or was. */
const noSecret = /^(PWD|OLDPWD|INIT_CWD)$/

/** What an agent's own host needs to reach its model; anything else that looks like a secret stays out. */
const ofTheModel =
  /^(ANTHROPIC|OPENAI|GEMINI|GOOGLE_GENERATIVE_AI|CLAUDE_CODE|CURSOR|CODEX|MISTRAL|GROQ|OPENROUTER)_/

export function agentEnv(
  from: Readonly<Record<string, string | undefined>>,
  { targets, listen, postgres, key }: Pick<Config, 'targets' | 'listen' | 'postgres' | 'key'>,
  grant: string,
): AgentEnv {
  const [removed, led]: [string[], string[]] = [[], []]
  const env: Record<string, string> = {}
  // Whatever it is called, it opens everything.
  const own = key !== undefined && 'env' in key ? key.env : null
  for (const [name, value = ''] of Object.entries(from)) {
    const target = targetOf(value, targets)
    if (target !== null) {
      env[name] = throughGateway(value, { listen: postgres.listen, target, grant })
      led.push(name)
    } else if (name === own || isSecret(name, value)) removed.push(name)
    else env[name] = value
  }
  return {
    env: { ...env, FIREBREAK_GRANT: grant, FIREBREAK_URL: `http://${listen}` },
    removed,
    led,
  }
}

function targetOf(value: string, targets: Config['targets']): string | null {
  const named = value.startsWith('postgres') ? namedIn(value) : null
  if (named === null) return null
  const found = Object.entries(targets).find(
    ([, entry]) => entry.platform === 'postgres' && isSame(entry.url, named.url),
  )
  return found?.[0] ?? null
}

function isSecret(name: string, value: string): boolean {
  if (value === '' || value.startsWith('fbk_') || noSecret.test(name)) return false
  // A name of the model's host may be put before anything: a database's address is none of its keys.
  if (ofTheModel.test(name)) return /^\w[\w+.-]*:\/\/[^/]*@/.test(value)
  if (secretName.test(name)) return true
  return findIn(`${name}=${value}\n`, '.env').some(({ low }) => !low)
}
