/** What `drizzle-kit push` makes. */
import { integer, pgTable, serial, text } from 'drizzle-orm/pg-core'

export const writers = pgTable('writers', {
  id: serial('id').primaryKey(),
  name: text('name').notNull(),
  born: integer('born'),
})

export const books = pgTable('books', {
  id: serial('id').primaryKey(),
  writer: integer('writer').references(() => writers.id, { onDelete: 'cascade' }),
  title: text('title').notNull(),
})
