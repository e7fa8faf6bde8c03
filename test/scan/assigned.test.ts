/** Names and values in code and scripts: what looks drawn by chance under the name of a secret is found, and little else. */
import { expect, test } from 'vitest'
import { findIn } from '../../src/scan/find.ts'
import { drawn, hex } from './planted.ts'

const value = `${drawn('assigned', 30)}0aB1`
const digits = drawn('assigned', 40, hex)

test.each<[string, string, string, string]>([
  ['src/a.ts', `const client = new Client({ apiKey: '${value}' })`, 'unknown', 'apiKey'],
  ['src/a.py', `NEON_API_KEY = "${value}"`, 'neon', 'NEON_API_KEY'],
  ['src/a.rb', `config.secret_key_base = '${digits}'`, 'unknown', 'config.secret_key_base'],
  ['deploy.sh', `export RENDER_API_KEY=${value}\n`, 'render', 'RENDER_API_KEY'],
  [
    'deploy.sh',
    `SUPABASE_ACCESS_TOKEN=${value} npx supabase db push`,
    'supabase',
    'SUPABASE_ACCESS_TOKEN',
  ],
  ['Dockerfile', `ENV NETLIFY_SITE_TOKEN=${value}`, 'netlify', 'NETLIFY_SITE_TOKEN'],
  ['.github/workflows/a.yml', `env:\n  SLACK_TOKEN: ${value}\n`, 'slack', 'SLACK_TOKEN'],
  ['main.tf', `  master_password = "${value}"`, 'unknown', 'master_password'],
])('%s: %s', (file, text, ...[provider, name]) => {
  expect(findIn(text, file).map((each) => [each.provider, each.name])).toEqual([[provider, name]])
})

test.each<[string, string]>([
  ['test/a.ts', `apiKey: '${value}'`],
  ['node_modules/x/a.js', `apiKey: '${value}'`],
  ['src/a.ts', `publicApiKey: '${value}'`],
  ['src/a.ts', `const tokenUrl = '${value}'`],
  ['src/a.ts', "const token = 'thisIsNotASecretAtAll'\nconst secret = 'AbstractTokenFactoryBean2'"],
  ['src/a.ts', 'const token = readTokenFromTheKeychain1(x)\npassword: z.string().min(12)'],
  ['src/a.ts', `const checksumToken = '${digits}'`],
  [
    'deploy.sh',
    'TOKEN=$(cat /run/secrets/token)\nPASSWORD=${DB_PASSWORD:?}\nTOKEN_FILE=/var/lib/x/Token1234567890ab',
  ],
  ['package-lock.json', `"token": "${value}"`],
  ['a.md', `token = "${value}"`],
])('%s: %s: nothing', (file, text) => expect(findIn(text, file)).toEqual([]))
