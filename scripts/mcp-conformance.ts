/**
 * The protocol's own conformance suite against a reference server, alone and with Firebreak before it, check by check:
 * `node scripts/mcp-conformance.ts`. Fetches the suite; exits with 1 where the two differ, or a scenario of a revision fails.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isObject, parseJson } from '../src/base/json.ts'
import { openBefore } from '../test/mcp/reference/before.ts'
import { toolNames } from '../test/mcp/reference/names.ts'
import { openReference } from '../test/mcp/reference/server.ts'

const suite = '@modelcontextprotocol/conformance@0.2.0-alpha.12'
const revisions = ['2025-11-25', '2026-07-28']
/** An extension that the SDK of the reference server does not have, and the tools that its scenarios call. */
const extension = /^tasks-/
const absent =
  'greet slow_compute failing_job protocol_error_job confirm_delete multi_input test_tool_with_task'

type Results = ReadonlyMap<string, readonly string[]>

const reference = await openReference()
const tools = [...(await toolNames(reference.url)), ...absent.split(' ')]
const before = await openBefore(reference.url, tools)
const dir = mkdtempSync(join(tmpdir(), 'firebreak-conformance-'))
let isSame = true
try {
  for (const revision of revisions) {
    const direct = await run(reference.url, revision)
    const through = await run(before.door, revision)
    isSame = told(revision, direct, through) && isSame
  }
} finally {
  await before.close()
  await reference.close()
  rmSync(dir, { recursive: true, force: true })
}
process.exitCode = isSame ? 0 : 1

/** The scenarios of a revision, each with its checks and what became of them. */
async function run(url: string, revision: string): Promise<Results> {
  const to = mkdtempSync(join(dir, 'run-'))
  const args = ['--yes', suite, 'server', '--url', url, '--requirements', revision, '-o', to]
  const child = spawn('npx', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  await once(child, 'exit')
  return new Map(
    readdirSync(to).map((each) => [
      each.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, ''),
      checksIn(readFileSync(join(to, each, 'checks.json'), 'utf8')),
    ]),
  )
}

function checksIn(text: string): readonly string[] {
  const checks = parseJson(text)
  if (!Array.isArray(checks)) throw new Error('the suite wrote no list of checks')
  return checks
    .filter(isObject)
    .map(({ id, name, status, errorMessage = '', details = {} }) =>
      [id, name, status, errorMessage, details]
        .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
        .join(' '),
    )
}

/** Prints what differs and the sums; true where nothing does and nothing that counts fails. */
function told(revision: string, direct: Results, through: Results): boolean {
  const names = [...new Set([...direct.keys(), ...through.keys()])].toSorted()
  const unlike = names.filter(
    (each) => String(direct.get(each)?.map(plain)) !== String(through.get(each)?.map(plain)),
  )
  for (const each of unlike)
    say(
      `${revision} ${each}\n  direct\n${listed(direct.get(each))}  through\n${listed(through.get(each))}`,
    )
  const counted = names.filter((each) => !extension.test(each))
  const failing = counted.filter((each) => !passes(direct.get(each)) || !passes(through.get(each)))
  for (const each of failing) say(`${revision} ${each} fails\n${listed(through.get(each))}`)
  const checks = counted
    .flatMap((each) => direct.get(each) ?? [])
    .filter((each) => !/ INFO/.test(each))
  const others = names.length - counted.length
  say(
    `${revision}: ${counted.length} scenarios, ${checks.length} checks; ${failing.length} fail, ${unlike.length} differ; ${others} of the extension for tasks, which the reference server does not have`,
  )
  return unlike.length === 0 && failing.length === 0 && names.length > 0
}

function passes(checks: readonly string[] | undefined): boolean {
  return checks !== undefined && !checks.some((each) => / (FAILURE|WARNING)/.test(each))
}

/** What no two runs have alike is left out: ids, times, ports; and the words of what the gateway itself refuses, whose code stays. */
function plain(check: string): string {
  const refused = /"(statusCode":403|code":-32020|code":-32601)/.exec(check)
  const kept = refused === null ? check : `${check.slice(0, check.indexOf('{'))} ${refused[0]}`
  return kept
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}(:\d+)?/g, 'ID')
    .replaceAll(/v1\.[\w-]+\.[\w-]+/g, 'STATE')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/"date":"[^"]*"|"keep-alive":"[^"]*",?|\b1\d{12}\b/g, '')
}

function listed(checks: readonly string[] = []): string {
  return checks.map((each) => `    ${each}\n`).join('')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
