/** Knex, Drizzle, Sequelize and TypeORM: a migration that adds, then the usual work with two related tables. */
import { desc, eq, sql } from 'drizzle-orm'
import { drizzle as openDrizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core'
import openKnex from 'knex'
import pg from 'pg'
import { DataTypes, Sequelize } from 'sequelize'
import { DataSource, EntitySchema } from 'typeorm'
import type { Client } from './clients.ts'

const host = '127.0.0.1'
const show = (out: readonly unknown[]): string => JSON.stringify(out, null, 1)
const code = (error: unknown): unknown => String(error).split('\n')[0]

export const knex: Client = async ({ port, user, password, database }) => {
  const out: unknown[] = []
  const db = openKnex({
    client: 'pg',
    connection: { host, port, user, password, database },
    pool: { min: 0, max: 3 },
  })
  const migration = {
    up: async (k: typeof db) => {
      await k.schema.createTable('authors', (t) => {
        t.increments('id')
        t.string('name').notNullable().unique()
      })
      await k.schema.createTable('posts', (t) => {
        t.increments('id')
        t.integer('author').references('authors.id').onDelete('CASCADE').index()
        t.text('title')
      })
    },
    down: async () => {},
  }
  const migrationSource = {
    getMigrations: async () => await Promise.resolve(['first']),
    getMigrationName: (name: string) => name,
    getMigration: async () => await Promise.resolve(migration),
  }
  out.push(await db.migrate.latest({ migrationSource }))
  await db.schema.alterTable('posts', (t) => void t.string('slug').defaultTo('x'))
  out.push(
    await db('authors')
      .insert([{ name: 'Ann' }, { name: 'Bob' }])
      .returning('*'),
  )
  out.push(await db('posts').insert({ author: 1, title: 'one' }).returning('*'))
  out.push(await db('authors').insert({ name: 'Ann' }).onConflict('name').merge().returning('name'))
  out.push(await db('posts').join('authors', 'authors.id', 'posts.author').select('title', 'name'))
  out.push(await db('posts').where({ id: 1 }).update({ title: 'two' }))
  const rolledBack = db.transaction(async (trx) => {
    await trx('posts').where('id', 1).del()
    throw new Error('roll back')
  })
  out.push(await rolledBack.catch(code), await db('posts').count())
  out.push(await db('posts').where('id', 1).del(), await db('nowhere').catch(code))
  await db.destroy()
  return show(out)
}

const authors = pgTable('authors', { id: serial('id').primaryKey(), name: text('name').notNull() })
const posts = pgTable('posts', {
  id: serial('id').primaryKey(),
  author: integer('author').references(() => authors.id),
  title: text('title'),
})

export const drizzle: Client = async ({ port, user, password, database }) => {
  const out: unknown[] = []
  const pool = new pg.Pool({ host, port, user, password, database, max: 2 })
  const db = openDrizzle(pool, { schema: { authors, posts } })
  await db.execute(
    sql`CREATE TABLE "authors" ("id" serial PRIMARY KEY NOT NULL, "name" text NOT NULL)`,
  )
  await db.execute(
    sql`CREATE TABLE "posts" ("id" serial PRIMARY KEY NOT NULL, "author" integer, "title" text)`,
  )
  await db.execute(
    sql`ALTER TABLE "posts" ADD CONSTRAINT "posts_author_fk" FOREIGN KEY ("author") REFERENCES "public"."authors"("id") ON DELETE no action ON UPDATE no action`,
  )
  out.push(
    await db
      .insert(authors)
      .values([{ name: 'Ann' }, { name: 'Bob' }])
      .returning(),
  )
  out.push(await db.insert(posts).values({ author: 1, title: 'one' }).returning())
  const again = db.insert(authors).values({ id: 1, name: 'Ann B' })
  out.push(
    await again.onConflictDoUpdate({ target: authors.id, set: { name: 'Ann B' } }).returning(),
  )
  out.push(
    await db
      .select()
      .from(posts)
      .innerJoin(authors, eq(posts.author, authors.id))
      .orderBy(desc(posts.id))
      .limit(5),
  )
  out.push(await db.update(posts).set({ title: 'two' }).where(eq(posts.id, 1)).returning())
  const rolledBack = db.transaction(async (tx) => {
    await tx.delete(posts).where(eq(posts.id, 1))
    await tx.transaction(async (inner) => await inner.execute(sql`SELECT 1/0`)).catch(code)
    tx.rollback()
  })
  out.push(await rolledBack.catch(code), await db.$count(posts))
  out.push((await db.delete(posts).where(eq(posts.id, 1)).returning()).length)
  await pool.end()
  return show(out)
}

export const sequelize: Client = async ({ port, user, password, database }) => {
  const out: unknown[] = []
  const db = new Sequelize(database, user, password, {
    host,
    port,
    dialect: 'postgres',
    logging: false,
    pool: { max: 2 },
  })
  const Author = db.define(
    'author',
    { name: { type: DataTypes.STRING, unique: true } },
    { timestamps: false },
  )
  const Post = db.define('post', { title: DataTypes.STRING }, { timestamps: false })
  Author.hasMany(Post)
  Post.belongsTo(Author)
  await db.authenticate()
  await db.sync()
  out.push(
    await Author.create({ name: 'Ann' }),
    await Author.bulkCreate([{ name: 'Bob' }, { name: 'Cy' }]),
  )
  out.push(
    await Post.create({ title: 'one', authorId: 1 }),
    await Post.findAll({ include: Author }),
  )
  out.push(
    await Author.findOrCreate({ where: { name: 'Dee' } }),
    await Author.upsert({ id: 1, name: 'Ann B' }),
  )
  out.push(await Post.update({ title: 'two' }, { where: { id: 1 } }), await Author.count())
  const rolledBack = db.transaction(async (transaction) => {
    await Post.destroy({ where: { id: 1 }, transaction })
    throw new Error('roll back')
  })
  out.push(await rolledBack.catch(code), await Post.count())
  out.push(await Post.destroy({ where: { id: 1 } }), await db.query('SELECT 1/0').catch(code))
  await db.close()
  return show(out)
}

interface Author {
  readonly id?: number
  readonly name: string
}

interface Post {
  readonly id?: number
  readonly title: string
  readonly author: Author
}

const authorSchema = new EntitySchema<Author>({
  name: 'authors',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    name: { type: 'varchar', unique: true },
  },
})
const postSchema = new EntitySchema<Post>({
  name: 'posts',
  columns: { id: { type: 'int', primary: true, generated: true }, title: { type: 'text' } },
  relations: { author: { type: 'many-to-one', target: 'authors', onDelete: 'CASCADE' } },
})

export const typeorm: Client = async ({ port, user, password, database }) => {
  const out: unknown[] = []
  const entities = [authorSchema, postSchema]
  const db = new DataSource({
    type: 'postgres',
    host,
    port,
    username: user,
    password,
    database,
    entities,
    poolSize: 2,
  })
  await db.initialize()
  await db.synchronize()
  const [authors, posts] = [db.getRepository(authorSchema), db.getRepository(postSchema)]
  const ann = await authors.save({ name: 'Ann' })
  out.push(
    ann,
    await posts.save({ title: 'one', author: ann }),
    await posts.find({ relations: { author: true } }),
  )
  out.push(
    await authors.upsert({ name: 'Ann' }, ['name']),
    await posts.update({ id: 1 }, { title: 'two' }),
  )
  const rolledBack = db.transaction(async (manager) => {
    await manager.delete(postSchema, { id: 1 })
    throw new Error('roll back')
  })
  out.push(await rolledBack.catch(code), await posts.count())
  out.push(
    await posts.createQueryBuilder('p').where('p.title = :title', { title: 'two' }).getMany(),
  )
  out.push(await posts.delete({ id: 1 }), await db.query('SELECT 1/0').catch(code))
  await db.destroy()
  return show(out)
}
