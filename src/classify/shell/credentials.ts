/** Files in which machines keep credentials: whoever prints one has what it opens. What lies in the project (`.env`) is the agent's already; `scan` and custody are for that. */
import type { Operation } from '../../core/operation.ts'
import { operation } from './operation.ts'
import { normal } from './paths.ts'
import { programOf } from './run.ts'
import type { Run } from './run.ts'

const stores =
  /(^|\/)(\.aws\/(credentials|sso\/cache\/[^/]+|cli\/cache\/[^/]+)|\.ssh\/(id_[a-z0-9_]+|[\w.-]+\.(pem|key))|\.pgpass|\.netrc|\.my\.cnf|\.mylogin\.cnf|\.git-credentials|\.vault-token|\.kube\/config|\.docker\/config\.json|\.pypirc|\.cargo\/credentials(\.toml)?|\.terraform\.d\/credentials\.tfrc\.json|\.railway\/config\.json|\.fly\/config\.yml|\.supabase\/access-token|\.azure\/(msal_token_cache\.\w+|accessTokens\.json)|\.config\/(gh\/hosts\.yml|gcloud\/(credentials\.db|access_tokens\.db|application_default_credentials\.json|legacy_credentials\/.*)|doppler\/.*|hcloud\/cli\.toml|doctl\/config\.yaml|netlify\/config\.json|stripe\/config\.toml|op\/.*)|\.gnupg\/private-keys-v1\.d\/.*)$|^\/etc\/(shadow|gshadow|sudoers)$|^\/proc\/[^/]+\/environ$/i

export function isCredential(path: string): boolean {
  const whole = normal(path)
  return stores.test(whole) && !whole.endsWith('.pub')
}

const prints =
  /^(cat|tac|nl|less|more|most|bat|batcat|head|tail|grep|egrep|fgrep|rg|ag|sed|awk|gawk|cut|sort|uniq|strings|xxd|od|hexdump|base64|base32|jq|yq|diff|paste|tr|rev|view|vim|vi|nano|ed|cp|scp|rsync|curl|nc|tee|dd|open|source|\.)$/

/** A program that prints or sends one of them, by its words or by what it is fed. */
export function shown({ argv, stdin }: Run): readonly Operation[] {
  const [first, ...args] = argv
  const program = programOf(first?.text ?? '')
  if (!prints.test(program)) return []
  const paths = args.map(({ text }) => text.replace(/^(?:if=|@|\w+=@|file=@)/, ''))
  const fed = stdin.kind === 'unread' ? [stdin.from] : []
  return [...paths, ...fed].filter(isCredential).map((path) =>
    operation(`${program} credentials`, {
      effect: 'expose',
      rule: 'shell-expose',
      message: `\`${path.replace('/home/~', '~')}\` holds credentials of this machine`,
    }),
  )
}
