/** node-postgres and postgres.js: their usual work, as text that can be compared. */
import pg from 'pg'
import postgres from 'postgres'
import type { Client, Place } from './clients.ts'

const host = '127.0.0.1'
const item = 'SELECT id, name, price, at, data, raw, mood FROM shop.items WHERE id = $1'

/** The error's fields that a program reads. */
function failure(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const fields = Object.entries(error).filter(([name]) => name !== 'stack')
  return { ...Object.fromEntries(fields), message: error.message }
}

/** node-postgres: simple, extended, named statements, errors, transactions, notices, LISTEN, a pool, a cursor by hand. */
export const nodePostgres: Client = async ({ port, user, password, database }) => {
  const out: unknown[] = []
  const client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  client.on('notice', (notice) => out.push(notice.message))
  out.push((await client.query('SELECT 1 AS a; SELECT $$two$$ AS b')).rows)
  for (let id = 1; id <= 3; id += 1) {
    out.push((await client.query(item, [id])).rows)
    out.push((await client.query({ name: 'by id', text: item, values: [id] })).rows)
  }
  out.push((await client.query({ text: item, values: [4], rowMode: 'array' })).rows)
  for (const sql of ['SELECT 1/0', 'SELEC', 'SELECT * FROM nowhere'])
    out.push(await client.query(sql).catch(failure))
  out.push(await client.query(item, ['not a number']).catch(failure))
  await client.query('BEGIN')
  out.push(
    (await client.query('INSERT INTO shop.items (id, name) VALUES (9000, $1) RETURNING *', ['n']))
      .rows,
  )
  out.push(await client.query('SELECT 1/0').catch(failure))
  out.push(await client.query('SELECT 1').catch(failure))
  await client.query('ROLLBACK')
  await client.query("DO $$ BEGIN RAISE NOTICE 'note'; END $$")
  const heard = new Promise((resolve) => client.once('notification', resolve))
  await client.query('LISTEN here')
  await client.query("SELECT pg_notify('here', 'hello')")
  await heard
  out.push('heard', (await client.query('SELECT * FROM shop.items ORDER BY id')).rows)
  await client.end()
  const pool = new pg.Pool({ host, port, user, password, database, max: 4 })
  const many = await Promise.all(
    Array.from({ length: 40 }, (_, i) => pool.query('SELECT $1::int * 2 AS x', [i])),
  )
  out.push(many.map(({ rows }) => rows))
  await pool.end()
  return JSON.stringify(out, null, 1)
}

/** postgres.js: pipelined and prepared queries, transactions and savepoints, cursors, COPY both ways, errors, LISTEN. */
export const postgresJs: Client = async ({ port, user, password, database }: Place) => {
  const out: unknown[] = []
  const notices: unknown[] = []
  const sql = postgres({
    host,
    port,
    user,
    password,
    database,
    max: 2,
    onnotice: ({ message }) => notices.push(message),
  })
  const [one, two] = await Promise.all([sql`SELECT 1 AS a`, sql`SELECT ${'two'} AS b`])
  out.push(one, two, await sql`SELECT * FROM shop.items WHERE id IN ${sql([1, 2, 3])}`)
  out.push(await Promise.all(Array.from({ length: 40 }, (_, i) => sql`SELECT ${i}::int * 2 AS x`)))
  out.push(await sql`SELECT 1/0`.catch(failure), await sql.unsafe('SELEC').catch(failure))
  const rolledBack = sql.begin(async (tx) => {
    out.push(await tx`INSERT INTO shop.items ${tx({ id: 9001, name: 'x' })} RETURNING id, name`)
    out.push(await tx.savepoint((inner) => inner`SELECT 1/0`).catch(failure))
    out.push(await tx`SELECT count(*)::int FROM shop.items`)
    throw new Error('roll back')
  })
  out.push(await rolledBack.catch(failure))
  for await (const rows of sql`SELECT id FROM shop.items ORDER BY id`.cursor(200))
    out.push(rows.length)
  const stream = await sql`COPY (SELECT id, name FROM shop.items ORDER BY id) TO STDOUT`.readable()
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  out.push(text.length)
  const heard = new Promise(
    (resolve) => void sql.listen('there', resolve).then(() => sql.notify('there', 'hi')),
  )
  out.push(await heard, await sql.unsafe("DO $$ BEGIN RAISE NOTICE 'note'; END $$"), notices)
  await sql.end()
  return JSON.stringify(out, null, 1)
}
