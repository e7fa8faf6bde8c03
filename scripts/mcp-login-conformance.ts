/**
 * The conformance suite's scenarios for a client's authorization, against `firebreak custody login` and the gateway behind it:
 * `node scripts/mcp-login-conformance.ts [auth/SCENARIO …]`. With an address it is the client that the suite starts: it logs in there and makes calls.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isObject, parseJson, textOf } from '../src/base/json.ts'
import { connect } from '../test/mcp/rig.ts'
import { everything, openRig } from '../test/rig.ts'
import type { Rig } from '../test/rig.ts'

const suite = '@modelcontextprotocol/conformance@0.2.0-alpha.12'
const revision = '2026-07-28'
const redirect = 'http://127.0.0.1:47998/callback'

const [address = '', ...more] = process.argv.slice(2)
await (address.startsWith('http') ? logInAt(address) : all([address, ...more]))

/** As a person with a browser that agrees to everything, and then as an agent; once more where its calls fail, as the daemon asks for. */
async function logInAt(url: string): Promise<void> {
  const known = process.env['MCP_CONFORMANCE_CONTEXT']
  const context = known === undefined ? {} : parseJson(known)
  const { client_id: id, client_secret: secret } = isObject(context) ? context : {}
  const oauth =
    typeof id === 'string' ? `{ client: "${id}", credential: known, issuer: ISSUER }` : '{}'
  const rig = await openRig('', {
    targets: `  suite:\n    platform: mcp\n    url: ${url}\n    secret: authorization\n    oauth: ${oauth.replace('ISSUER', await issuerOf(url))}\n`,
  })
  try {
    if (typeof secret === 'string')
      await rig.people.callAs('custody-add', { target: 'known', secret })
    await logIn(rig)
    if (!(await works(rig))) await logIn(rig)
    await works(rig)
  } finally {
    await rig.close()
  }
}

async function logIn({ people }: Rig): Promise<void> {
  const begun = await people.call('custody-login-begin', { target: 'suite', redirect })
  if (!isObject(begun)) throw new Error('nothing was begun')
  const page = await fetch(textOf(begun['url']), { redirect: 'manual' })
  const { search } = new URL(page.headers.get('location') ?? '')
  const state = begun['state'] ?? null
  await people.callAs('custody-login', { target: 'suite', state, search })
}

async function works({ people, running }: Rig): Promise<boolean> {
  const client = await connect(`${running.url}/suite`, await people.mint('agent:suite', everything))
  const told = [await client.ask('tools/list'), await client.call('test-tool')]
  return told.every((each) => isObject(each['result']))
}

/** A client that is known by hand is known at one issuer, which the config names beside it. */
async function issuerOf(url: string): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: '{}' })
  const said = answer.headers.get('www-authenticate') ?? ''
  const at = /resource_metadata="([^"]+)"/.exec(said)?.[1]
  if (at === undefined) return '""'
  const facts = parseJson(await (await fetch(at)).text())
  const servers = isObject(facts) ? facts['authorization_servers'] : null
  return JSON.stringify(Array.isArray(servers) ? servers[0] : '')
}

async function all(wished: readonly string[]): Promise<void> {
  const listed = await suiteSays(['list', '--client', '--requirements', revision])
  const scenarios = [...listed.matchAll(/^\s*- (auth\/\S+)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => wished.includes('') || wished.includes(name))
  for (const scenario of scenarios) {
    const to = mkdtempSync(join(tmpdir(), 'firebreak-login-'))
    const command = `${process.execPath} --no-warnings ${process.argv[1] ?? ''}`
    const wish = ['--scenario', scenario, '--spec-version', revision, '--timeout', '60000']
    await suiteSays(['client', '--command', command, ...wish, '-o', to])
    const [run = ''] = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((each) =>
      each.endsWith('checks.json'),
    )
    const checks = run === '' ? [] : parseJson(readFileSync(join(to, run), 'utf8'))
    const bad = (Array.isArray(checks) ? checks.filter(isObject) : []).filter(
      ({ status }) => status === 'FAILURE' || status === 'WARNING',
    )
    const count = Array.isArray(checks) ? checks.length : 0
    process.stdout.write(`${scenario}: ${count} checks, ${bad.length} fail\n`)
    for (const { id, status, errorMessage, description } of bad)
      process.stdout.write(`  ${[status, id, errorMessage ?? description].map(String).join(' ')}\n`)
    rmSync(to, { recursive: true, force: true })
  }
}

async function suiteSays(args: readonly string[]): Promise<string> {
  const child = spawn('npx', ['--yes', suite, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  await once(child, 'close')
  return said
}
