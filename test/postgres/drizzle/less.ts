/** The same without a table and a column, which `drizzle-kit push --force` drops without asking. */
import { pgTable, serial, text } from 'drizzle-orm/pg-core'

export const writers = pgTable('writers', {
  id: serial('id').primaryKey(),
  name: text('name').notNull(),
})
