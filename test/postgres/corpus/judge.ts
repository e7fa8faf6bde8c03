/** What the gateway's reader and the default policy say of a case, with the catalog of the case's own world: no statement is run. */
import { Batch } from '../../../src/classify/sql/batch.ts'
import { readCall, readSql } from '../../../src/classify/sql/read.ts'
import { asItStands } from '../../../src/classify/sql/statement.ts'
import type { SqlAbout, SqlStatement } from '../../../src/classify/sql/statement.ts'
import { decideAll } from '../../../src/app/explain.ts'
import { readParameters } from '../../../src/gateways/postgres/parameters.ts'
import type { Policy } from '../../../src/guard/ports.ts'
import { readCatalog } from '../../../src/inventory/postgres/snapshot.ts'
import type { SqlCatalog } from '../../../src/platforms/postgres/catalog.ts'
import type { Ask } from '../../../src/platforms/postgres/questions.ts'
import type { Case } from './case.ts'

export interface Judged {
  readonly verdict: 'allow' | 'hold' | 'deny'
  /** True where a part of it is counted before it is kept. */
  readonly isCounted: boolean
  /** So many rows at most, where nothing of it is counted since the text says how many; null else. */
  readonly most: number | null
  /** Why it is not allowed, for a reader of the test. */
  readonly why: readonly string[]
}

/** After anything else the catalog may be another than it was read. */
const isPlain =
  /^(SELECT|INSERT|UPDATE|DELETE|MERGE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|PREPARE|EXECUTE)\b/

const refused: Judged = {
  verdict: 'deny',
  isCounted: false,
  most: null,
  why: ['the gateway takes no such session'],
}

/** A session in the database that all cases start from; what a case adds is taken back. */
export class Judge {
  readonly #ask: Ask
  readonly #policy: Policy
  readonly #base: SqlCatalog

  private constructor(ask: Ask, policy: Policy, base: SqlCatalog) {
    this.#ask = ask
    this.#policy = policy
    this.#base = base
  }

  static async on(ask: Ask, policy: Policy): Promise<Judge> {
    return new Judge(ask, policy, await readCatalog(ask))
  }

  /** With the catalog of the case's world, and without one. */
  async judge(one: Case): Promise<{ readonly known: Judged; readonly bare: Judged }> {
    if (isRefused(one)) return { known: refused, bare: refused }
    const { catalog, oid } = await this.#world(one)
    return { known: this.#read(one, catalog, oid), bare: this.#read(one, null, oid) }
  }

  #read(one: Case, catalog: SqlCatalog | null, oid: number): Judged {
    const session = new Batch(undefined)
    const about: SqlAbout = { catalog, session }
    const found: SqlStatement[] = []
    for (const text of one.before ?? []) {
      const read = readSql(text, about)
      for (const { leaves } of read) session.note(leaves)
      found.push(...read)
    }
    const values = one.via === 'bind' ? { values: one.values ?? [] } : {}
    if (one.via === 'call') found.push(readCall(oid, about))
    else found.push(...readSql(one.text, { ...about, ...values }))
    return this.#decided(found)
  }

  #decided(found: readonly SqlStatement[]): Judged {
    const counted = found.filter(({ kind }) => kind === 'bounded')
    const isCounted = counted.length > 0
    const known =
      counted.every(({ atMost }) => atMost !== null) &&
      found.every(({ operation }) => isPlain.test(operation.name))
    const most = known ? counted.reduce((sum, { atMost }) => sum + (atMost ?? 0), 0) : null
    if (found.length === 0) return { verdict: 'allow', isCounted, most, why: [] }
    const { kind, findings } = decideAll(found.map(asItStands), this.#policy)
    return {
      verdict: kind,
      isCounted,
      most,
      why: findings.map(({ rule, message }) => `${rule}: ${message}`),
    }
  }

  /** The catalog after the case's setup, and the oid of a function that it calls. */
  async #world({
    setup,
    via,
    text,
  }: Case): Promise<{ readonly catalog: SqlCatalog; readonly oid: number }> {
    if (setup === undefined && via !== 'call') return { catalog: this.#base, oid: 0 }
    await this.#ask('BEGIN')
    try {
      const texts = [setup ?? []].flat()
      // One that ends a transaction of its own leaves nothing in the catalog.
      if (texts[0] !== 'BEGIN') for (const sql of texts) await this.#prepare(sql)
      const found =
        via === 'call' ? await this.#ask(`SELECT '${text}'::regprocedure::oid AS oid`) : []
      return { catalog: await readCatalog(this.#ask), oid: Number(found[0]?.['oid'] ?? 0) }
    } finally {
      await this.#ask('ROLLBACK')
    }
  }

  /** What cannot stand in a transaction (another database, a slot) is not in this one's catalog either. */
  async #prepare(sql: string): Promise<void> {
    await this.#ask('SAVEPOINT s')
    try {
      await this.#ask(sql)
    } catch (thrown) {
      await this.#ask('ROLLBACK TO s')
      if (!/transaction block|cannot run inside/.test(String(thrown))) throw thrown
    }
  }
}

/** Sessions that the gateway takes not at all, or cuts: what it was told at the start, bytes that are no UTF-8. */
function isRefused({ startup = {}, latin1, text, setup }: Case): boolean {
  try {
    readParameters([['database', 'work'], ...Object.entries(startup)])
    if (latin1) new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'))
  } catch {
    // Each of these is a refusal, whatever it says.
    return true
  }
  // A pin that the database moves cuts the session before its first statement.
  return String(setup).startsWith('ALTER DATABASE work SET standard_conforming_strings')
}
