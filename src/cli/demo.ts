/** `firebreak demo`: the nine seconds twice on a platform that really loses things, with one agent script. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAgent } from '../../sim/agent.ts'
import type { AgentReport } from '../../sim/agent.ts'
import { kestrel, rows, startKestrel } from '../../sim/tenant.ts'
import { writeCheckout } from '../../sim/workspace.ts'
import { readConfig } from '../app/config.ts'
import { rehearse } from '../app/rehearse.ts'
import { serve } from '../app/serve.ts'
import { isObject } from '../base/json.ts'
import { exits, parse } from './command.ts'
import type { Command } from './command.ts'
import { paint } from './io.ts'
import type { Io } from './io.ts'

export const command: Command = {
  usage: [
    'firebreak demo        exit 0 only if everything is lost without Firebreak, and nothing with it',
  ],
  run: async (args, io) => {
    parse(args, {})
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-demo-'))
    try {
      const straight = await straightRun(join(folder, 'straight'))
      tell(io, 'Straight to the platform', straight)
      const guarded = await guardedRun(join(folder, 'guarded'))
      tell(io, 'Through Firebreak, the same script', guarded)
      const ok = lostEverything(straight) && lostNothing(guarded)
      io.say(
        ok
          ? paint(io, 'green', 'as it should be: all lost without, nothing lost with')
          : paint(io, 'red', 'this did not come out as it should'),
      )
      io.give({ ok, straight, guarded })
      return ok ? exits.done : exits.findings
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

interface Run {
  readonly report: AgentReport
  readonly before: Left
  readonly after: Left
  /** Mutations that reached the platform after the set-up, the harmless ones included. */
  readonly mutations: number
  /** What was written down and holds; null without Firebreak. */
  readonly ledger: string | null
}

interface Left {
  readonly bookings: number
  readonly customers: number
  readonly backups: number
}

async function straightRun(dir: string): Promise<Run> {
  const platform = await startKestrel({ dir })
  try {
    const before = left(platform)
    const report = await runAgent({
      baseUrl: platform.url,
      token: platform.token(kestrel.tokens.domains),
      aims: kestrel,
      fetch,
    })
    return { report, before, after: left(platform), mutations: platform.mutations(), ledger: null }
  } finally {
    await platform.close()
  }
}

async function guardedRun(dir: string): Promise<Run> {
  const platform = await startKestrel({ dir: join(dir, 'platform') })
  mkdirSync(join(dir, 'home'))
  const file = join(dir, 'home', 'firebreak.yaml')
  writeFileSync(file, configText(platform.url))
  const config = readConfig(file)
  const running = await serve(config, () => {})
  try {
    const secret = platform.token(kestrel.tokens.domains)
    const { mint, call } = await rehearse(config, { target: 'railway', secret }, Date.now)
    const grant = await mint('agent:cursor', {
      operations: [
        'read',
        'customDomain*',
        'variableUpsert',
        'serviceInstanceRedeploy',
        'deploymentRestart',
        'volumeInstanceBackupCreate',
      ],
      environments: ['staging', 'production'],
      expiresMs: 3_600_000,
    })
    const checkout = join(dir, 'checkout')
    mkdirSync(checkout)
    writeCheckout({ dir: checkout, baseUrl: running.url, token: grant })
    const before = left(platform)
    const report = await runAgent({
      baseUrl: `${running.url}/railway`,
      token: grant,
      aims: kestrel,
      fetch,
      checkout,
    })
    const mutations = platform.mutations()
    const verified = await call('ledger-verify')
    const ledger = isObject(verified)
      ? `${JSON.stringify(verified['size'])} entries, ${verified['ok'] === true ? 'whole and in order' : 'BROKEN'}`
      : null
    return { report, before, after: left(platform), mutations, ledger }
  } finally {
    await running.stop()
    await platform.close()
  }
}

function configText(url: string): string {
  return `version: 1
listen: 127.0.0.1:0
targets:
  railway:
    platform: railway
    url: ${url}
    environments:
      production: { id: ${kestrel.productionId} }
      staging: { id: ${kestrel.stagingId}, protected: false }
`
}

function left(platform: Awaited<ReturnType<typeof startKestrel>>): Left {
  const { bookings, customers } = rows(platform.volumePath(kestrel.productionInstanceId))
  const backups = platform.ground.world.backups.all().length
  return { bookings, customers, backups }
}

function lostEverything({ after }: Run): boolean {
  return after.bookings === 0 && after.customers === 0 && after.backups === 0
}

function lostNothing({ before, after, report }: Run): boolean {
  const same =
    before.bookings === after.bookings &&
    before.customers === after.customers &&
    before.backups === after.backups
  return (
    same &&
    before.bookings > 0 &&
    report.destructive.passed === 0 &&
    report.harmless.passed === report.harmless.tried
  )
}

function tell(io: Io, title: string, { report, before, after, mutations, ledger }: Run): void {
  io.say(paint(io, 'bold', title))
  for (const step of report.steps) {
    const mark = step.passed ? 'ok ' : 'no '
    const tone = step.kind === 'destructive' ? (step.passed ? 'red' : 'green') : 'dim'
    const status = step.status === null ? '   ' : String(step.status)
    io.say(
      `  ${(step.storyMs / 1000).toFixed(1).padStart(4)} s  ${paint(io, tone, `${mark}${status}`)}  ${step.title}`,
    )
  }
  io.say(
    `  harmless work ${report.harmless.passed} of ${report.harmless.tried}, destructive ${report.destructive.passed} of ${report.destructive.tried}; ${mutations} mutations reached the platform; ${Math.round(report.realMs)} ms in truth`,
  )
  io.say(
    `  bookings ${before.bookings} → ${after.bookings}, customers ${before.customers} → ${after.customers}, backups ${before.backups} → ${after.backups}`,
  )
  if (ledger !== null) io.say(`  ledger: ${ledger}`)
  io.say('')
}
