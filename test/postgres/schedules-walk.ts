/** One schedule, from its first step to its last, with what everybody was told on the way; after each step the promises are looked at. */
import { expect } from 'vitest'
import { FirebreakError, messageOf } from '../../src/base/error.ts'
import { textOf as text } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Fact } from './schedules-facts.ts'
import { lost, speak, statementOf } from './schedules-line.ts'
import type { Line } from './schedules-line.ts'
import { made, restored } from './schedules-change.ts'
import { readShop, seenIn, textOf } from './schedules-shop.ts'
import type { Shop } from './schedules-shop.ts'
import { settle } from './schedules-settle.ts'
import type { Blow, Part, Step } from './schedules-steps.ts'
import type { Held, World } from './schedules-world.ts'

export class Walk {
  readonly #world: World
  #unique = 0

  constructor(world: World) {
    this.#world = world
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'kill':
        await this.#world.stage.kill()
        this.#allLost('killed')
        return await settle(this.#world, [])
      case 'meddle':
        return await this.#meddle(step.sql)
      case 'parts':
        return await this.#parts(step.parts, step.blow)
    }
  }

  async #meddle(sql: string): Promise<void> {
    const refused = await this.#world.stage.database
      .query(`BEGIN; SET LOCAL lock_timeout = '150ms'; SET LOCAL ROLE keeper; ${sql}; COMMIT`)
      .then(() => null, messageOf)
    if (refused !== null) await this.#world.stage.database.query('ROLLBACK')
    this.#world.tell(`meddle ${sql}: ${refused ?? 'done'}`)
    this.#world.shop = await readShop(this.#world.stage.database)
    this.#world.version = this.#world.versions += 1
  }

  async #parts(parts: readonly Part[], blow: Blow): Promise<void> {
    const alone = parts.length === 1 && blow.kind === 'none' && this.#world.isIdle
    this.#world.dump = alone && parts[0]?.kind === 'approve' ? await this.#world.stage.dump() : null
    if (blow.kind === 'firebreak')
      await this.#world.stage.arm({ kind: blow.when, nth: blow.nth, lasts: false })
    const goes = oneEach(parts)
    const before = new Set(this.#world.holds.keys())
    const works = goes.map((part) => this.#part(part, { alone, parts: goes }))
    if (blow.kind === 'sessions')
      await this.#world.stage.database.query(
        `SELECT pg_sleep(${blow.afterMs / 1000}); SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'keeper'`,
      )
    const facts = (await Promise.all(works)).flat()
    await this.#struck(blow)
    await settle(this.#world, facts)
    for (const [id, held] of this.#world.holds)
      if (!before.has(id)) held.seen.push(seenIn(this.#world.shop))
  }

  async #struck(blow: Blow): Promise<void> {
    if (blow.kind === 'sessions') this.#allLost('sessions ended')
    if (blow.kind !== 'firebreak' || !(await this.#world.stage.disarm())) return
    this.#world.counts.killed += 1
    this.#allLost(`killed ${blow.when} ${blow.nth}`)
  }

  #allLost(why: string): void {
    this.#world.tell(why)
    for (const line of this.#world.lines) lost(line)
  }

  async #part(
    part: Part,
    around: { readonly alone: boolean; readonly parts: readonly Part[] },
  ): Promise<readonly Fact[]> {
    switch (part.kind) {
      case 'say':
        return await this.#say(part, around.parts)
      case 'approve':
        return await this.#approve(part.nth)
      case 'deny':
        return await this.#deny(part.nth)
      case 'undo':
        return await this.undo(part.nth, around.alone)
      case 'halt':
      case 'resume':
      case 'revoke':
        return await this.#power(part.kind, part.who)
    }
  }

  async #say(part: Part & { kind: 'say' }, parts: readonly Part[]): Promise<readonly Fact[]> {
    const line = this.#world.lines[part.who]
    if (line === undefined) return []
    const { principal } = line
    const wasStopped = this.#world.isStopped(line)
    this.#unique += 1
    const statement = statementOf(part.said, this.#unique)
    const seen = seenIn(this.#world.shop)
    const way = { ...part, port: this.#world.stage.port(), shop: this.#world.shop }
    const heard = await speak(line, statement, way)
    this.#world.tell(
      `${line.name} says ${statement.sql}${part.isGone ? ' and goes' : ''}: ${heard.ok ? 'ok' : (heard.error ?? 'no answer')}`,
    )
    if (wasStopped && !parts.some(({ kind }) => kind === 'resume'))
      expect(heard.ok, 'halt-halts: it was answered').toBe(false)
    if (heard.hold !== null && !this.#world.holds.has(heard.hold)) {
      this.#world.counts.held += 1
      const { sql, held: change } = statement
      const held = { id: heard.hold, sql, change, principal, seen: [seen] }
      this.#world.holds.set(heard.hold, { ...held, approvals: 0, isDenied: false, act: null })
    } else if (heard.error !== null) this.#world.counts.refused += 1
    if (heard.kept.length === 0) return []
    if (heard.ok) this.#world.counts.kept += 1
    const apply = (shop: Shop): { shop: Shop; rows: number } => {
      let [now, rows] = [shop, 0]
      for (const change of heard.kept) {
        const next = made(now, change)
        now = next.shop
        rows += next.rows
      }
      return { shop: now, rows }
    }
    return [{ what: statement.sql, isCertain: !heard.maybe, spends: principal, apply }]
  }

  /** The nth of those that fit, or of all. */
  #pick(nth: number, fits: (held: Held) => boolean): Held | null {
    const all = [...this.#world.holds.values()]
    const some = all.filter(fits)
    const from = some.length > 0 ? some : all
    return from[nth % Math.max(1, from.length)] ?? null
  }

  async #approve(nth: number): Promise<readonly Fact[]> {
    const held = this.#pick(nth, ({ approvals, isDenied }) => approvals === 0 && !isDenied)
    if (held === null) return []
    held.approvals += 1
    const told = await this.#try(`approve ${held.id}`, async () => {
      const shown = await this.#world.stage.call('hold-show', { id: held.id, by: 'ada' })
      const digest = isRecord(shown) ? text(shown['shown']) : ''
      return await this.#world.stage.callAs('hold-approve', {
        id: held.id,
        shown: digest,
        by: 'ada',
      })
    })
    if (told.kind === 'refused') held.approvals -= 1
    return []
  }

  async #deny(nth: number): Promise<readonly Fact[]> {
    const held = this.#pick(nth, ({ approvals, isDenied }) => approvals === 0 && !isDenied)
    if (held === null) return []
    const told = await this.#try(`deny ${held.id}`, () =>
      this.#world.stage.call('hold-deny', { id: held.id, by: 'ada' }),
    )
    if (told.kind === 'done') held.isDenied = true
    return []
  }

  /** `exactly`: where nothing has changed since the act, it must succeed, and all is as it was. */
  async undo(nth: number, exactly: boolean): Promise<readonly Fact[]> {
    const held = this.#pick(nth, ({ act }) => act !== null)
    if (held === null) return []
    const { act } = held
    const told = await this.#try(`undo ${held.id}`, () =>
      this.#world.stage.callAs('hold-undo', { id: held.id, by: 'ada' }),
    )
    if (act === null) return []
    const isFresh = act.versions[1] === this.#world.version
    if (isFresh && exactly) {
      const changes = textOf(act.before) !== textOf(act.after)
      if (changes) expect(told, `undo of ${held.sql}`).toMatchObject({ kind: 'done' })
      if (act.dump !== null) {
        this.#world.counts.exact += 1
        expect(await this.#world.stage.dump(), `undo of ${held.sql}`).toBe(act.dump)
      }
    }
    if (told.kind === 'refused') return []
    if (told.kind === 'done') this.#world.counts.undone += 1
    return [
      {
        what: isFresh && told.kind === 'done' ? `back to ${act.versions[0]}` : `undo ${held.id}`,
        isCertain: told.kind === 'done',
        spends: null,
        apply: (shop) => ({ shop: restored(shop, act.before, act.after), rows: 0 }),
      },
    ]
  }

  async #power(kind: 'halt' | 'resume' | 'revoke', who: number): Promise<readonly Fact[]> {
    const line = this.#world.lines[who]
    if (line === undefined) return []
    const { principal } = line
    if (kind === 'halt')
      await this.#try(`halt ${principal}`, () =>
        this.#world.stage.call('halt', { who: principal, reason: 'a schedule', by: 'ada' }),
      )
    else if (kind === 'revoke') await this.#revoke(line)
    else await this.resume(principal)
    return []
  }

  async #revoke(line: Line): Promise<void> {
    const told = await this.#try(`revoke ${line.name}`, () =>
      this.#world.stage.call('grant-revoke', { id: line.grant, by: 'ada' }),
    )
    if (told.kind !== 'done') return
    // A narrowed grant goes with the one it was made of, and not the other way.
    const same = this.#world.lines.filter(({ principal }) => principal === line.principal)
    for (const { name } of line === same[0] ? same : [line]) this.#world.revoked.add(name)
  }

  async resume(principal: string): Promise<void> {
    if (this.#world.halted.has(principal))
      await this.#try(`resume ${principal}`, () =>
        this.#world.stage.callAs('resume', { who: principal }),
      )
    if (
      this.#world.lines.some(
        (line) => line.principal === principal && this.#world.revoked.has(line.name),
      )
    )
      await this.#try(`mint ${principal}`, async () => {
        await this.#world.mint(principal)
        return null
      })
  }

  /** What a person was told: done, refused with a reason, or nothing since nobody answered. */
  async #try(what: string, call: () => Promise<unknown>): Promise<Answer> {
    try {
      const told = await call()
      const state = isRecord(told) ? text(told['state']) : ''
      this.#world.tell(`${what}: done ${state}`)
      return { kind: 'done' }
    } catch (thrown) {
      this.#world.tell(`${what}: ${messageOf(thrown)}`)
      const isGone =
        !(thrown instanceof FirebreakError) || ['not_reachable', 'internal'].includes(thrown.code)
      return { kind: isGone ? 'unknown' : 'refused', why: messageOf(thrown) }
    }
  }
}

type Answer =
  { readonly kind: 'done' } | { readonly kind: 'refused' | 'unknown'; readonly why: string }

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null
}

/** A session says one thing at a time. */
function oneEach(parts: readonly Part[]): readonly Part[] {
  const lines = new Set<number>()
  return parts.filter((part) => {
    if (part.kind !== 'say') return true
    const isFirst = !lines.has(part.who)
    lines.add(part.who)
    return isFirst
  })
}
