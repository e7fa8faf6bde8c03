/** Runs a case against a real server in a database of its own and says what was lost: the proof of its label. */
import { mkdirSync, writeFileSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { notRoot } from '../cluster.ts'
import type { Cluster } from '../cluster.ts'
import { Session, errorFields, send } from '../differential-wire.ts'
import type { Frame } from '../differential-wire.ts'
import type { Case } from './case.ts'
import { ask, look, lost, same } from './fingerprint.ts'
import type { Fingerprint } from './fingerprint.ts'
import { roles, world } from './world.ts'

export interface Proof {
  readonly label: Case['label']
  /** What is gone, in words. */
  readonly lost: readonly string[]
  /** The server's errors, which most cases must not have. */
  readonly errors: readonly string[]
}

/** Where a case is sent: directly, or to a gateway in front of the same server. */
export interface Door {
  readonly port: number
  readonly user: string
  readonly password: string
  /** The name by which the gateway knows the database `work`. */
  readonly database: string
  /** Called when the case's world is made, past the gateway. */
  readonly look?: () => Promise<unknown>
}

/** What a server must be set to for every case to run. */
export const corpusConf = [
  'wal_level = logical',
  'max_prepared_transactions = 5',
  'max_replication_slots = 5',
  'autovacuum = off',
  'statement_timeout = 20s',
]

/** A server with the world as a template; cases are proven one after another. */
export class Prover {
  readonly #cluster: Cluster
  readonly #control: Session
  #fresh = false
  #base: Fingerprint | null = null

  private constructor(cluster: Cluster, control: Session) {
    this.#cluster = cluster
    this.#control = control
  }

  /** On a server started with `corpusConf`, which `stop` ends; a gateway may stand before it. */
  static async on(cluster: Cluster): Promise<Prover> {
    own(mkdirSync(join(cluster.dataDir, 'precious'), { recursive: true }) ?? '')
    cluster.sql(`${roles} CREATE DATABASE world`)
    cluster.sql(world, 'world')
    return new Prover(cluster, await open(cluster.port, 'postgres'))
  }

  async stop(): Promise<void> {
    await this.#control.end()
    await this.#cluster.stop()
  }

  /** Makes the case's world, sends it, and compares what was there before with what is there now. */
  async prove(one: Case, door: Door | null = null): Promise<Proof> {
    if (!this.#fresh || one.setup !== undefined) await this.#renew()
    const eye = await open(this.#cluster.port, 'work')
    const before = await this.#before(eye, one.setup)
    await door?.look?.()
    const errors = await this.#run(one, door)
    const after = await look(eye, before).catch((error: unknown) => String(error))
    await eye.end()
    // A case that broke the catalog itself leaves nothing that could be looked at.
    const broken = typeof after === 'string'
    const gone = broken ? [`the catalog: ${after}`] : lost(before, after)
    this.#fresh = one.setup === undefined && !broken && same(before, after)
    return { label: gone.length > 0 ? 'destroys' : 'ordinary', lost: gone, errors }
  }

  /** The world with what the case adds to it. Copies of the template are alike, ids and all, so it is looked at once. */
  async #before(eye: Session, setup: Case['setup']): Promise<Fingerprint> {
    for (const sql of [setup ?? []].flat()) await ask(eye, sql)
    await ask(eye, 'SET search_path TO pg_catalog')
    if (setup !== undefined) return await look(eye, null)
    this.#base ??= await look(eye, null)
    return this.#base
  }

  async #run(one: Case, door: Door | null): Promise<readonly string[]> {
    const login = door ?? {
      port: this.#cluster.port,
      user: 'postgres',
      password: '',
      database: 'work',
    }
    const parameters = one.startup ?? {}
    const { session, frames } = await Session.open({ ...login, parameters })
    const errors = [...frames]
    for (const text of one.before ?? []) {
      session.write(send.query(text))
      errors.push(...(await session.until('Z')))
    }
    session.write(await this.#message(one))
    errors.push(...(await this.#answers(session, one)))
    await session.end()
    return errors.filter(({ type }) => type === 'E').map(({ body }) => words(body))
  }

  async #message(one: Case): Promise<Buffer> {
    const said = one.text.replaceAll('{data}', this.#cluster.dataDir)
    const text = one.latin1 ? Buffer.from(said, 'latin1') : said
    switch (one.via ?? 'simple') {
      case 'simple':
        return send.query(text)
      case 'bind':
        return Buffer.concat([
          send.parse('', text),
          send.bind('', '', one.values ?? []),
          send.execute(''),
          send.sync(),
        ])
      case 'call': {
        const inside = await open(this.#cluster.port, 'work')
        const [[oid = '0'] = []] = await ask(inside, `SELECT '${said}'::regprocedure::oid`)
        await inside.end()
        return send.call(Number(oid), one.values ?? [])
      }
    }
  }

  async #answers(session: Session, one: Case): Promise<readonly Frame[]> {
    const frames: Frame[] = []
    for (;;) {
      const part = await session.until('ZG')
      frames.push(...part)
      if (part.at(-1)?.type !== 'G') return frames
      session.write(Buffer.concat([send.copyData(one.copy ?? ''), send.copyDone()]))
    }
  }

  /** A new copy of the world, and the server as it was: what a case made beside its database is swept away. */
  async #renew(): Promise<void> {
    for (const sql of [
      `SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts WHERE database = 'postgres'`,
      `SELECT format('SELECT pg_drop_replication_slot(%L)', slot_name) FROM pg_replication_slots`,
      `SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1', 'world')`,
      `SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE oid >= 16384 AND rolname NOT IN ('app', 'reader', 'auditor')`,
      `SELECT 'ALTER SYSTEM RESET ALL' WHERE EXISTS (SELECT FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf')`,
      `SELECT format('ALTER ROLE %s RESET ALL', setrole::regrole) FROM pg_db_role_setting WHERE setrole <> 0 AND setdatabase = 0`,
    ])
      for (const [command = ''] of await ask(this.#control, sql)) await this.#sweep(command)
    await ask(this.#control, 'CREATE DATABASE work TEMPLATE world')
    const letter = join(this.#cluster.dataDir, 'precious/letter')
    writeFileSync(letter, 'kept')
    own(letter)
    this.#fresh = true
  }

  /** A prepared transaction or a subscription of the database that goes keeps it from going. */
  async #sweep(command: string): Promise<void> {
    const name = /DROP DATABASE (\w+)/u.exec(command)?.[1]
    if (name !== undefined) {
      const gids = await ask(
        this.#control,
        `SELECT gid FROM pg_prepared_xacts WHERE database = '${name}'`,
      )
      const subscriptions = await ask(
        this.#control,
        `SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = subdbid WHERE datname = '${name}'`,
      )
      const keeping = [
        ...gids.map(([gid = '']) => `ROLLBACK PREPARED '${gid}'`),
        ...subscriptions.map(([subscription = '']) => `DROP SUBSCRIPTION ${subscription}`),
      ]
      const inside = keeping.length === 0 ? null : await open(this.#cluster.port, name)
      for (const sql of keeping) if (inside !== null) await ask(inside, sql)
      await inside?.end()
    }
    await ask(this.#control, command)
  }
}

/** The server's user is to be able to destroy it. */
function own(path: string): void {
  if (notRoot.uid !== undefined) chownSync(path, notRoot.uid, notRoot.gid ?? notRoot.uid)
}

async function open(port: number, database: string): Promise<Session> {
  const { session, frames } = await Session.open({ port, user: 'postgres', database })
  const error = frames.find(({ type }) => type === 'E')
  if (error !== undefined) throw new Error(words(error.body))
  return session
}

function words(body: Buffer): string {
  const fields = errorFields(body)
  return `${fields.get('C')} ${fields.get('M')}`
}
