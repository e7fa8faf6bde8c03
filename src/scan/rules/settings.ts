/** Values under the name of a secret, in files that hold settings: where nothing but the name and the look of the value tells. */
import { ownerOfName } from '../owners.ts'
import { place } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { isRandom } from '../sample.ts'

const secretive =
  '(?:token|secret(?:[_-]?key)?|passw(?:or)?d|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|credentials?|service[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key)'
/** A name of which the secret word is the end, or nearly. */
const name = String.raw`(?<![\w.-])(?<key>[\w.-]{0,60}${secretive}(?:[_-]?(?:prod|production|staging|live|dev|test|value|raw|\d))?)`
const value = String.raw`(?<secret>[\w.+/=~!@#%^&*:-]{12,512})(?![\w.+/=~!@#%^&*:(-])`

const environments = String.raw`\.envrc|\.env(?!.*[._-](?:example|sample|template|dist|schema|test)(?:[._-]|$))(?:\.[\w.-]{1,40})?|[\w-]{1,40}\.env|\.(?:bash|zsh)(?:rc|env|_profile)|\.(?:bash_|z)?profile|config\.fish|environment`
const agents = String.raw`\.?mcp[\w-]{0,20}\.json|claude_desktop_config\.json|\.claude\.json|\.(?:claude|cursor|vscode|gemini|zed|windsurf|continue|amazonq|kiro|roo|cline|qwen)/[\w./-]{1,60}\.json|mcp_config\.json|cline_mcp_settings\.json|opencode\.jsonc?|\.codex/config\.toml|opencode/auth\.json|\.aider\.conf\.yml`
const settings = String.raw`[\w.-]{1,60}\.tfvars(?:\.json)?|[\w.-]{1,60}\.tfstate(?:\.backup)?|[\w.-]{1,60}\.properties|secrets?\.[\w.]{2,12}|credentials?\.(?:json|ya?ml|toml|ini)|appsettings[\w.]{0,30}\.json|docker-compose[\w.-]{0,30}\.ya?ml|compose[\w.-]{0,30}\.ya?ml|[\w.-]{1,60}\.(?:ini|conf|cfg)|local\.settings\.json|wrangler\.toml|\.dev\.vars`

const about =
  /public|publishable|anon|expir|_ttl|_url|_uri|_path|_file|_name|_id$|_type|_header|_length|_limit|tokenizer|max_?token|token_?(?:count|limit|budget)/i

const rules = (id: string, file: string, bits: number): Rule =>
  place(id, 'unknown', [file, String.raw`${name}["']?\s{0,8}(?:=>|[:=])\s{0,8}["']?${value}`], {
    ignoreCase: true,
    guessable: true,
    whose: ({ key = '' }) => ownerOfName(key),
    check: ({ key = '', secret = '' }) => !about.test(key) && isRandom(secret, bits),
  })

export const named: readonly Rule[] = [
  rules('env-secret', environments, 3),
  rules('agent-secret', agents, 3),
  rules('settings-secret', settings, 3.4),
  // A header or an option of a server that an agent's host starts: the name is no variable's.
  place(
    'agent-secret',
    'unknown',
    [
      agents,
      String.raw`["'](?<key>Authorization|X-Api-Key|--(?:access-|api-|auth-)?(?:token|key)|--password)["']?\s{0,8}[:,]\s{0,20}["'](?:Bearer |Basic )?${value}`,
    ],
    { ignoreCase: true, guessable: true, check: ({ secret = '' }) => isRandom(secret, 3) },
  ),
]
