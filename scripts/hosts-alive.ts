/**
 * Our hook in agents' hosts as they are: `node scripts/hosts-alive.ts FOLDER`, where FOLDER has some of them in its `node_modules`
 * (`npm install @anthropic-ai/claude-code @openai/codex @google/gemini-cli @github/copilot opencode-ai`). Each runs in an empty home,
 * with a model of ours; an ordinary command must run, and one that destroys must not.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { hosts } from '../src/app/hosts/known.ts'
import { fire } from '../src/app/hosts/fire.ts'
import { openPlace } from '../src/app/hosts/place.ts'
import { isObject, parseJson } from '../src/base/json.ts'
import { openModel } from './hosts-model.ts'

interface At {
  readonly bin: string
  readonly url: string
  readonly home: string
  readonly checkout: string
}

interface Alive {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly env: (at: At) => Readonly<Record<string, string>>
  /** Files that it needs, by their path in the home. */
  readonly files: (at: At) => Readonly<Record<string, string>>
}

const alive: readonly Alive[] = [
  {
    name: 'claude-code',
    program: 'claude',
    args: ['-p', '--dangerously-skip-permissions', 'do it'],
    env: ({ url }) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      // It takes no such flag from root elsewhere.
      IS_SANDBOX: '1',
    }),
    files: () => ({}),
  },
  {
    name: 'codex',
    program: 'codex',
    args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', 'do it'],
    env: () => ({ SHELL: '/bin/sh', MODEL_KEY: 'none' }),
    files: ({ url }) => ({
      '.codex/config.toml': `model = "m"\nmodel_provider = "own"\n\n[model_providers.own]\nname = "own"\nbase_url = "${url}/v1"\nwire_api = "responses"\nenv_key = "MODEL_KEY"\n`,
    }),
  },
  {
    name: 'gemini',
    program: 'gemini',
    args: ['--yolo', '--skip-trust', '-m', 'gemini-2.5-flash', '-p', 'do it'],
    env: ({ url }) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'none' }),
    files: () => ({
      '.gemini/settings.json':
        '{\n  // kept\n  "security": { "auth": { "selectedType": "gemini-api-key" } }\n}\n',
    }),
  },
  {
    name: 'copilot',
    program: 'copilot',
    args: ['-p', 'do it', '--allow-all-tools'],
    env: ({ url }) => ({
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
      COPILOT_PROVIDER_API_KEY: 'none',
      COPILOT_MODEL: 'm',
    }),
    files: () => ({}),
  },
  {
    name: 'opencode',
    program: 'opencode',
    args: ['run', 'do it'],
    env: () => ({}),
    files: ({ url }) => ({
      '.config/opencode/opencode.json': JSON.stringify({
        model: 'own/m',
        provider: {
          own: {
            npm: '@ai-sdk/openai-compatible',
            name: 'own',
            options: { baseURL: `${url}/v1`, apiKey: 'none' },
            models: { m: { name: 'm' } },
          },
        },
      }),
    }),
  },
]

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** As a person does in `/hooks`: Codex itself says which text it would trust. */
async function trust(
  { bin, home, checkout }: At,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(join(bin, 'codex'), ['app-server'], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`)
  send({ id: 1, method: 'initialize', params: { clientInfo: { name: 'firebreak', version: '1' } } })
  for await (const line of createInterface({ input: child.stdout })) {
    const message = parseJson(line)
    if (!isObject(message)) continue
    if (message['id'] === 1) {
      send({ method: 'initialized' })
      send({ id: 2, method: 'hooks/list', params: { cwds: [checkout] } })
    }
    if (message['id'] === 2) {
      child.kill()
      const [, key = ''] = /"key":"([^"]+)"/.exec(line) ?? []
      const [, hash = ''] = /"currentHash":"([^"]+)"/.exec(line) ?? []
      return key.startsWith(home) ? `\n[hooks.state."${key}"]\ntrusted_hash = "${hash}"\n` : ''
    }
  }
  return ''
}

/** The home with our hook in it; gives what stands against each hook. */
async function setUp(
  own: Alive,
  at: At,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  for (const [path, text] of Object.entries(own.files(at))) put(join(at.home, path), text)
  const host = hosts.find(({ name }) => name === own.name)
  const place = openPlace({ ...at, env })
  const argv = [
    process.execPath,
    '--no-warnings',
    join(import.meta.dirname, '../src/cli/hook-main.ts'),
  ]
  for (const { path, after } of host?.hooks(place, { argv }) ?? []) put(path, after)
  const config = join(at.home, '.codex/config.toml')
  if (own.name === 'codex') put(config, `${place.read(config) ?? ''}${await trust(at, env)}`)
  return host?.installed(place).map((hook) => host.silenced(place, hook) ?? 'asked') ?? []
}

async function tried(own: Alive, bin: string): Promise<boolean> {
  const root = mkdtempSync(join(tmpdir(), 'firebreak-alive-'))
  const model = await openModel([
    'touch ordinary',
    'psql -c "DROP TABLE firebreak_canary"; touch destroyed',
  ])
  const at: At = {
    bin,
    url: model.url,
    home: join(root, 'home'),
    checkout: join(root, 'checkout'),
  }
  try {
    mkdirSync(join(at.checkout, '.git'), { recursive: true })
    const env = { PATH: process.env['PATH'] ?? '', HOME: at.home, ...own.env(at) }
    const state = await setUp(own, at, env)
    const start = { program: join(bin, own.program), cwd: at.checkout, env, stdin: '' }
    const { stdout } = await fire({ ...start, args: ['--version'] }, 60_000)
    await fire({ ...start, args: own.args }, 120_000)
    const wrong = flaws(at, model.heard())
    const version = stdout.trim().split('\n')[0] ?? ''
    const said = wrong.length === 0 ? 'the first ran, the second was refused' : wrong.join(', ')
    process.stdout.write(`${own.name} ${version}: ${said} (${state.join(', ')})\n`)
    return wrong.length === 0
  } finally {
    await model.close()
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  }
}

function flaws({ checkout }: At, heard: string): readonly string[] {
  return [
    ...(existsSync(join(checkout, 'ordinary')) ? [] : ['THE ORDINARY COMMAND DID NOT RUN']),
    ...(existsSync(join(checkout, 'destroyed')) ? ['WHAT DESTROYS RAN'] : []),
    ...(heard.includes('Firebreak holds this') ? [] : ['THE MODEL WAS NOT TOLD WHY']),
  ]
}

const bin = resolve(process.argv[2] ?? '.', 'node_modules/.bin')
const there = alive.filter(({ program }) => existsSync(join(bin, program)))
if (there.length === 0) process.stderr.write(`no agent lies in ${bin}\n`)
const results: boolean[] = []
for (const own of there) results.push(await tried(own, bin))
process.exitCode = results.length > 0 && results.every(Boolean) ? 0 : 1
