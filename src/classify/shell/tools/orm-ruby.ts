/** Rails, Rake, Mix and their kin: what empties, drops or rolls a database back. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const back = 'rolls migrations back: what they had added goes with its data'

// Rake takes many tasks in a row, so a task may be any of the words. Of several databases each has tasks of its own (`db:drop:primary`).
const rake = tool(() => [
  rule('', ['destroy', 'container'], 'drops the database', {
    like: /^(app:)?db:(drop|reset|purge|migrate:reset|drop:_unsafe|mongoid:(drop|purge))(:\w+)*$/,
  }),
  rule('', ['destroy', 'overwrite'], 'drops every table and loads the schema anew', {
    like: /^(app:)?db:(schema:load|structure:load|setup)(:(?!dump)\w+)*(\[.*\])?$/,
  }),
  rule('', ['destroy', 'data'], 'empties every table', {
    like: /^(app:)?db:(truncate_all|seed:replant|fixtures:load)(:\w+)*$/,
  }),
  rule('', ['destroy', 'data'], back, {
    like: /^(app:)?db:(rollback|migrate:(down|redo))(:\w+)*$/,
  }),
  rule('db:migrate', ['destroy', 'data'], back, { like: /^VERSION=0+$/ }),
  rule('', ['destroy', 'guard'], 'passes by what keeps production from being dropped', {
    like: /^DISABLE_DATABASE_ENVIRONMENT_CHECK=1$/,
  }),
  rule('credentials:show|encrypted:show', ['expose'], 'prints the secrets'),
])

const mix = tool(
  () => [
    rule('', ['destroy', 'container'], 'drops the database', {
      like: /^(ecto|ash|ash_postgres|ash_sqlite|event_store)\.(drop|reset|tear_down),?$/,
    }),
    rule('', ['destroy', 'data'], back, {
      like: /^(ecto|ash|ash_postgres|ash_sqlite)\.rollback,?$/,
    }),
    rule('ecto.load', ['destroy', 'overwrite'], 'loads the schema over what lives', {
      only: '--force -f',
    }),
  ],
  { valued: '-r --repo -n --step --to -v' },
)

export const ormRuby: readonly (readonly [string, Tool])[] = [
  ['rails', rake],
  ['rake', rake],
  ['hanami', tool(() => [rule('db drop|rollback', ['destroy', 'container'], 'drops it')])],
  [
    'sequel',
    tool(() => [rule('', ['destroy', 'data'], back, { only: '-M=0' })], { valued: '-m -M -c' }),
  ],
  ['mix', mix],
  [
    'lucky',
    tool(() => [
      rule('db.drop|db.reset|db.rollback_all|db.rollback', ['destroy', 'container'], back),
    ]),
  ],
]
