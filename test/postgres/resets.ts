/** INCIDENTS R07: the reset commands of frameworks, the real ones where they install, against any port. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { drizzle as openDrizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import openKnex from 'knex'
import pg from 'pg'
import { DataTypes, Sequelize } from 'sequelize'
import { DataSource, EntitySchema } from 'typeorm'
import type { Place } from './clients.ts'

/** What they would destroy: two tables with rows, as each framework would have made them. */
export const resetSetup = `
CREATE TABLE authors (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE posts (id serial PRIMARY KEY, author int REFERENCES authors ON DELETE CASCADE, title text);
INSERT INTO authors (name) SELECT 'author ' || g FROM generate_series(1, 30) g;
INSERT INTO posts (author, title) SELECT g % 30 + 1, 'post ' || g FROM generate_series(1, 200) g;
CREATE TABLE knex_migrations (id serial PRIMARY KEY, name text, batch int, migration_time timestamptz);
CREATE TABLE knex_migrations_lock (index serial PRIMARY KEY, is_locked int);
INSERT INTO knex_migrations (name, batch, migration_time) VALUES ('first', 1, now());
INSERT INTO knex_migrations_lock (is_locked) VALUES (0);
`

type Reset = (place: Place) => Promise<unknown>

const host = '127.0.0.1'

function byKnex(reset: (db: ReturnType<typeof openKnex>) => PromiseLike<unknown>): Reset {
  return async ({ port, user, password, database }) => {
    const connection = { host, port, user, password, database }
    const db = openKnex({ client: 'pg', connection, pool: { min: 0, max: 2 } })
    try {
      await reset(db)
    } finally {
      await db.destroy()
    }
  }
}

const migrationSource = {
  getMigrations: async () => await Promise.resolve(['first']),
  getMigrationName: (name: string) => name,
  getMigration: async () =>
    await Promise.resolve({
      up: async () => {},
      down: async (db: ReturnType<typeof openKnex>) => {
        await db.schema.dropTable('posts')
        await db.schema.dropTable('authors')
      },
    }),
}

function bySequelize(reset: (db: Sequelize) => Promise<unknown>): Reset {
  return async ({ port, user, password, database }) => {
    const db = new Sequelize(database, user, password, {
      host,
      port,
      dialect: 'postgres',
      logging: false,
      define: { timestamps: false, freezeTableName: true },
    })
    db.define('authors', { name: DataTypes.TEXT })
    db.define('posts', { author: DataTypes.INTEGER, title: DataTypes.TEXT })
    try {
      await reset(db)
    } finally {
      await db.close()
    }
  }
}

const postSchema = new EntitySchema<{ readonly id?: number; readonly title: string }>({
  name: 'posts',
  columns: { id: { type: 'int', primary: true, generated: true }, title: { type: 'text' } },
})

function byTypeorm(reset: (db: DataSource) => Promise<unknown>): Reset {
  return async ({ port, user, password, database }) => {
    const entities = [postSchema]
    const login = { host, port, username: user, password, database }
    const db = new DataSource({ type: 'postgres', ...login, entities })
    await db.initialize()
    try {
      await reset(db)
    } finally {
      await db.destroy()
    }
  }
}

const posts = pgTable('posts', { id: integer('id') })

const drizzleDelete: Reset = async ({ port, user, password, database }) => {
  const pool = new pg.Pool({ host, port, user, password, database, max: 1 })
  try {
    // It tells what failed, and keeps what the server said as the cause.
    await openDrizzle(pool)
      .delete(posts)
      .catch((thrown: Error) => {
        throw thrown.cause
      })
  } finally {
    await pool.end()
  }
}

/** What `drizzle-kit push --force` said; it ends with 0 whatever the database says. */
export async function drizzlePush(
  { port, user, password, database }: Place,
  schema: string,
): Promise<string> {
  const root = join(import.meta.dirname, '../..')
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
  const args = ['push', '--force', '--dialect=postgresql', `--url=${url}`]
  const child = spawn(
    join(root, 'node_modules/.bin/drizzle-kit'),
    [...args, `--schema=./test/postgres/drizzle/${schema}.ts`],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  await new Promise((resolve) => child.once('close', resolve))
  return said
}

/** Texts as frameworks write them that do not install here: one statement after another, as they send them. */
const texts: Readonly<Record<string, readonly string[]>> = {
  'prisma migrate reset': ['DROP SCHEMA "public" CASCADE', 'CREATE SCHEMA "public"'],
  'prisma db push --force-reset': ['DROP SCHEMA IF EXISTS "public" CASCADE;CREATE SCHEMA "public"'],
  'prisma db push --accept-data-loss': ['-- DropTable\nDROP TABLE "posts";'],
  'supabase db reset': ['drop schema public cascade'],
  'artisan migrate:fresh': ['drop table "public"."posts","public"."authors" cascade'],
  'artisan migrate:rollback': ['drop table if exists "posts"'],
  'doctrine:fixtures:load': ['DELETE FROM posts', 'DELETE FROM authors'],
  'doctrine:fixtures:load --purge-with-truncate': ['TRUNCATE public.posts CASCADE'],
  'rails db:reset': ['DROP DATABASE IF EXISTS "shop"'],
  'rails db:schema:load': ['DROP TABLE IF EXISTS "authors" CASCADE'],
  'rails db:truncate_all': ['TRUNCATE TABLE "authors", "posts" RESTART IDENTITY CASCADE'],
  'manage.py flush': ['TRUNCATE "authors", "posts";'],
  'manage.py migrate app zero': ['DROP TABLE "posts" CASCADE', 'DROP TABLE "authors" CASCADE'],
  'alembic downgrade base': ['DROP TABLE posts', 'DROP TABLE authors'],
}

const byText =
  (statements: readonly string[]): Reset =>
  async ({ port, user, password, database }) => {
    const client = new pg.Client({ host, port, user, password, database })
    await client.connect()
    try {
      for (const text of statements) await client.query(text)
    } finally {
      await client.end()
    }
  }

export const resets: Readonly<Record<string, Reset>> = {
  'knex migrate:rollback --all': byKnex((db) => db.migrate.rollback({ migrationSource }, true)),
  'knex dropTableIfExists': byKnex((db) => db.schema.dropTableIfExists('posts')),
  'knex truncate': byKnex((db) => db('posts').truncate()),
  'knex del': byKnex((db) => db('posts').del()),
  'sequelize sync({ force: true })': bySequelize((db) => db.sync({ force: true })),
  'sequelize drop': bySequelize((db) => db.drop()),
  'sequelize truncate': bySequelize((db) => db.truncate({ cascade: true })),
  'sequelize destroy without where': bySequelize((db) => db.model('posts').destroy({ where: {} })),
  'typeorm dropDatabase': byTypeorm((db) => db.dropDatabase()),
  'typeorm synchronize(true)': byTypeorm((db) => db.synchronize(true)),
  'typeorm clear': byTypeorm((db) => db.getRepository(postSchema).clear()),
  'typeorm delete without where': byTypeorm((db) =>
    db.createQueryBuilder().delete().from(postSchema).execute(),
  ),
  'drizzle delete without where': drizzleDelete,
  ...Object.fromEntries(
    Object.entries(texts).map(([name, statements]) => [name, byText(statements)]),
  ),
}
