/** The same with a column and an index more, which `drizzle-kit push` adds. */
import { index, integer, pgTable, serial, text } from 'drizzle-orm/pg-core'

export const writers = pgTable('writers', {
  id: serial('id').primaryKey(),
  name: text('name').notNull(),
  born: integer('born'),
})

export const books = pgTable(
  'books',
  {
    id: serial('id').primaryKey(),
    writer: integer('writer').references(() => writers.id, { onDelete: 'cascade' }),
    title: text('title').notNull(),
    pages: integer('pages').notNull().default(0),
  },
  (table) => [index('books_by_writer').on(table.writer)],
)
