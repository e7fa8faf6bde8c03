/** A project's own tasks: by their text where it is there, and else by what their name says. */
import { beforeAll, expect, test } from 'vitest'
import { saysLoss } from '../../src/classify/shell/script-name.ts'
import { loadSql } from '../../src/classify/sql/read.ts'
import { told } from './told.ts'

beforeAll(loadSql)

const manifest = JSON.stringify({
  scripts: {
    build: 'rm -rf dist && tsc',
    clean: 'rm -rf dist node_modules',
    fresh: 'prisma migrate reset --force',
    predeploy: 'dropdb shop',
    deploy: 'echo done',
    prisma: 'dotenv -e .env -- prisma',
    loop: 'npm run loop',
    twice: 'npm run twice && npm run twice',
    seed: 'tsx scripts/seed.ts',
    all: 'npm-run-all build fresh',
    'db:push': 'drizzle-kit push --force',
  },
})
const files = {
  'package.json': manifest,
  'packages/db/package.json': '{"scripts":{"go":"knex migrate:rollback --all"}}',
  'composer.json': '{"scripts":{"again":["@php artisan migrate:fresh","echo done"]}}',
  'deno.json': '{"tasks":{"again":"dropdb shop"}}',
  Makefile: [
    'OUT = build',
    'DB ?= shop',
    '.PHONY: all build fresh clean',
    'all: build',
    'build:',
    '\tmkdir -p $(OUT)',
    '\t@$(CC) -o $(OUT)/a a.c',
    'fresh: stop',
    '\t@echo starting anew',
    'stop:',
    '\t-dropdb $(DB)',
    'clean:',
    '\trm -rf $(OUT)',
    'long:',
    '\tdocker volume \\',
    '\t  rm pgdata',
    'again:',
    '\t$(MAKE) fresh',
    'loop:',
    '\t$(MAKE) loop',
    'money:',
    '\tfor i in a b; do echo $$i; done',
    'taken: ; dropdb shop',
  ].join('\n'),
  'other.mk': 'gone:\n\tdropdb shop\n',
  'sub/Makefile': 'first:\n\tdropdb shop\n',
  justfile: 'db := "shop"\nbuild:\n  npm run build\nanew: build\n    dropdb {{db}}\n',
  'wipe.ts': 'import { rmSync } from "node:fs"\nrmSync("/srv/data", { recursive: true })\n',
  'fine.ts': 'console.log(1)\n',
}

test.each([
  ['npm run build', 'ok'],
  ['npm run clean', 'ok'],
  ['npm run fresh', 'hold'],
  ['npm run-script fresh', 'hold'],
  ['pnpm fresh', 'hold'],
  ['pnpm --silent run fresh', 'hold'],
  ['yarn fresh', 'hold'],
  ['bun run fresh', 'hold'],
  ['npm run deploy', 'hold'],
  ['npm run prisma -- migrate reset', 'hold'],
  ['npm run prisma -- migrate status', 'ok'],
  ['npm run prisma -- "$COMMAND"', 'ok'],
  ['npm run seed', 'ok'],
  ['npm run all', 'hold'],
  ['npm run db:push', 'hold'],
  ['pnpm --dir packages/db go', 'hold'],
  ['pnpm -C packages/db run go', 'hold'],
  ['composer run again', 'hold'],
  ['deno task again', 'hold'],
  ['concurrently "npm:build" "npm:fresh"', 'hold'],
  ['concurrently "npm:build" "vite"', 'ok'],
  ['make', 'ok'],
  ['make build', 'ok'],
  ['make clean', 'ok'],
  ['make money', 'ok'],
  ['make loop', 'ok'],
  ['make nothing', 'ok'],
  ['make fresh', 'hold'],
  ['make build fresh', 'hold'],
  ['make long', 'hold'],
  ['make again', 'hold'],
  ['make taken', 'hold'],
  ['make -n fresh', 'ok'],
  ['make -f other.mk gone', 'hold'],
  ['make -C sub', 'hold'],
  ['cd sub && make', 'hold'],
  ['just build', 'ok'],
  ['just anew', 'hold'],
  ['bun wipe.ts', 'hold'],
  ['bun run wipe.ts', 'hold'],
  ['bun fine.ts', 'ok'],
  ['npx tsx wipe.ts', 'hold'],
  ['deno run -A wipe.ts', 'hold'],
  ['pnpm install', 'ok'],
  ['npm test', 'ok'],
  ['npm run loop', 'ok'],
])('%s: %s', (text, verdict) => expect(told(text, files)).toBe(verdict))

test('a task that calls itself is read once', () => {
  expect(told('npm run twice', files)).toBe('ok')
  expect(told('npm run fresh && npm run twice', files)).toBe('hold')
})

test('a manifest that is no JSON is as none', () =>
  expect(told('npm run fresh', { 'package.json': '{' })).toBe('ok'))

test.each([
  'db:reset',
  'reset-db',
  'wipe-db',
  'resetDatabase',
  'db_drop_all',
  'dropdb',
  'db:nuke',
  'db:fresh',
  'migrate:fresh',
  'migrate:rollback',
  'schema:drop',
  'db:clean',
  'purge-data',
  'clear-database',
  'delete:backups',
  'prod:reset',
  'prisma:reset',
])('`%s` says that data goes', (name) => expect(saysLoss(name)).toBe(true))

test.each([
  'build',
  'clean',
  'reset',
  'clean:cache',
  'db:migrate',
  'db:seed',
  'db:push',
  'db:generate',
  'db:studio',
  'db:up',
  'prisma:clean',
  'test:db:reset',
  'db:reset:test',
  'e2e:reset-db',
  'clear-cache',
  'data:import',
  'dropzone',
  'drop-console',
  'reset-password',
  'clean-build',
])('`%s` does not say so', (name) => expect(saysLoss(name)).toBe(false))
