/** What frameworks send: their reset commands, and their ordinary traffic and migrations, as they write it. */
import { family } from './case.ts'

const migrations =
  'CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch int, migration_time timestamptz); INSERT INTO knex_migrations (name, batch) VALUES ($$001.js$$, 1); CREATE TABLE schema_migrations (version varchar PRIMARY KEY); CREATE TABLE django_migrations (id serial, app text, name text); CREATE TABLE migrations (id serial, migration text, batch int); CREATE TABLE "_prisma_migrations" (id text PRIMARY KEY, checksum text, migration_name text)'

export const frameworks = [
  ...family('reset', {
    destroys: [
      // prisma migrate reset, prisma db push --force-reset
      'DROP SCHEMA "public" CASCADE;CREATE SCHEMA "public";',
      'DROP SCHEMA IF EXISTS "public" CASCADE',
      // prisma migrate dev: a column that left the schema
      '-- AlterTable\nALTER TABLE "customers" DROP COLUMN "phone";',
      '-- DropForeignKey\nALTER TABLE "orders" DROP CONSTRAINT "orders_customer_id_fkey";\n\n-- DropTable\nDROP TABLE "payments";',
      // prisma: a required column is made again
      'ALTER TABLE "customers" DROP COLUMN "phone",\nADD COLUMN     "phone" INTEGER;',
      '-- RedefineTables\nALTER TYPE "mood" RENAME TO "mood_old";\nCREATE TYPE "mood" AS ENUM (\'ok\');\nDROP TYPE "mood_old";',
      // drizzle-kit push
      'DROP TABLE "payments" CASCADE;',
      'ALTER TABLE "payments" DISABLE ROW LEVEL SECURITY;--> statement-breakpoint\nDROP TABLE "payments" CASCADE;',
      'ALTER TABLE "customers" DROP COLUMN "phone";',
      'truncate table "customers" cascade;',
      'ALTER TABLE "customers" ALTER COLUMN "balance" SET DATA TYPE integer;',
      'drop schema if exists "public" cascade; create schema "public"',
      // drizzle-seed reset
      'truncate "public"."customers","public"."orders" cascade;',
      // knex migrate:rollback --all
      'drop table "payments"',
      'drop table if exists "payments"',
      'alter table "customers" drop column "phone"',
      {
        setup: migrations,
        text: `delete from "knex_migrations" where "name" in ('001.js'); drop table "payments"`,
      },
      'truncate "orders" restart identity cascade',
      // rails db:reset, db:drop, db:schema:load (force: :cascade), truncate_all
      {
        setup: ['CREATE DATABASE shop_production'],
        text: 'DROP DATABASE IF EXISTS "shop_production"',
      },
      'DROP TABLE IF EXISTS "customers" CASCADE',
      'TRUNCATE TABLE "customers", "orders", "order_items" RESTART IDENTITY CASCADE',
      'ALTER TABLE "customers" DROP COLUMN "phone"',
      'DELETE FROM "notes"',
      'DELETE FROM "notes" WHERE "notes"."id" IN (SELECT "notes"."id" FROM "notes" ORDER BY "notes"."id" ASC)',
      // django flush, migrate app zero, RemoveField, QuerySet.delete()
      'TRUNCATE "customers", "orders", "order_items", "sessions";',
      'TRUNCATE "customers", "orders", "order_items", "sessions" RESTART IDENTITY;',
      'DROP TABLE "payments" CASCADE',
      'ALTER TABLE "customers" DROP COLUMN "phone" CASCADE',
      'DELETE FROM "order_items" WHERE "order_items"."order_id" IN (1, 2, 3, 4)',
      // laravel migrate:fresh, db:wipe, truncate()
      'drop table "public"."customers","public"."orders","public"."payments" cascade',
      'drop view "public"."active_customers","public"."order_totals" cascade',
      'drop type "public"."mood" cascade',
      'truncate "customers" restart identity cascade',
      'delete from "notes"',
      'drop table if exists "payments", "jobs"',
      'alter table "customers" drop column "phone", drop column "age"',
      // sequelize sync({force}), drop(), destroy({truncate})
      'DROP TABLE IF EXISTS "customers" CASCADE;',
      'DROP TYPE IF EXISTS "mood";',
      'TRUNCATE "orders" RESTART IDENTITY CASCADE',
      'ALTER TABLE "public"."customers" DROP COLUMN "phone";',
      'drop schema public cascade; create schema public',
      'DELETE FROM "notes" WHERE 1=1',
      // typeorm schema:drop, synchronize, clear()
      'DROP TABLE "orders" CASCADE',
      'DROP VIEW IF EXISTS "active_customers" CASCADE',
      `DO $$ BEGIN EXECUTE (SELECT string_agg('DROP TABLE IF EXISTS "' || schemaname || '"."' || tablename || '" CASCADE', '; ') FROM pg_tables WHERE schemaname = 'public'); END $$`,
      'TRUNCATE TABLE "orders" CASCADE',
      'ALTER TABLE "customers" DROP COLUMN "phone"; ALTER TABLE "customers" ADD "phone" integer',
      // doctrine:schema:drop, mikro-orm schema:fresh, flyway clean, liquibase dropAll, alembic downgrade base
      'DROP TABLE payments;\n\nDROP TABLE jobs;',
      'drop table if exists "payments" cascade;',
      'DROP TABLE IF EXISTS "public"."payments" CASCADE',
      'DROP SCHEMA "archive" CASCADE',
      'ALTER TABLE customers DROP COLUMN phone;\n\nUPDATE settings SET value=$$a$$ WHERE key = $$version$$;',
      'DROP TABLE "public"."orders" CASCADE',
      // supabase db reset
      "do $$ declare rec record; begin for rec in (select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r') loop execute format('drop table if exists public.%I cascade', rec.relname); end loop; end $$",
      // pg_restore --clean
      'DROP INDEX IF EXISTS public.orders_customer;',
      'ALTER TABLE IF EXISTS ONLY public.orders DROP CONSTRAINT IF EXISTS orders_customer_id_fkey;',
    ],
  }),
  ...family('orm', {
    ordinary: [
      // prisma
      'SELECT "public"."customers"."id", "public"."customers"."email" FROM "public"."customers" WHERE ("public"."customers"."id" = 5 AND 1=1) LIMIT 1 OFFSET 0',
      'DELETE FROM "public"."notes" WHERE ("public"."notes"."id" = 5 AND 1=1) RETURNING "public"."notes"."id"',
      `UPDATE "public"."customers" SET "name" = 'Ann' WHERE ("public"."customers"."id" = 5 AND 1=1) RETURNING "public"."customers"."id"`,
      `INSERT INTO "public"."notes" ("body") VALUES ('x') RETURNING "public"."notes"."id"`,
      'DELETE FROM "public"."notes" WHERE "public"."notes"."id" IN (1,2)',
      {
        via: 'bind',
        text: 'DELETE FROM "public"."notes" WHERE ("public"."notes"."id" = $1 AND 1=1)',
        values: ['5'],
      },
      `SELECT COUNT(*) FROM (SELECT "public"."orders"."id" FROM "public"."orders" WHERE 1=1 OFFSET 0) AS "sub"`,
      'SELECT pg_advisory_lock(72707369)',
      // django
      `SELECT setval(pg_get_serial_sequence('"orders"','id'), coalesce(max("id"), 1), max("id") IS NOT null) FROM "orders"`,
      'UPDATE "customers" SET "status" = \'x\' WHERE "customers"."id" = 1',
      'DELETE FROM "notes" WHERE "notes"."id" IN (7)',
      'SELECT (1) AS "a" FROM "customers" WHERE "customers"."email" = \'x\' LIMIT 1',
      {
        before: ['BEGIN', 'SAVEPOINT "s1"'],
        text: 'INSERT INTO "notes" ("body") VALUES (\'x\') RETURNING "notes"."id"; RELEASE SAVEPOINT "s1"; COMMIT',
      },
      'SELECT "customers"."id" FROM "customers" WHERE "customers"."id" = 5 FOR UPDATE OF "customers"',
      // rails
      'UPDATE "orders" SET "status" = \'paid\', "placed_at" = \'2024-06-01\' WHERE "orders"."id" = 7',
      'DELETE FROM "notes" WHERE "notes"."id" = 9',
      'SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = \'"customers"\'::regclass AND a.attnum > 0',
      'SELECT 1 AS one FROM "users" WHERE "users"."login" = \'x\' LIMIT 1',
      "SET client_min_messages TO 'warning'; SET standard_conforming_strings = on; SET SESSION timezone TO 'UTC'",
      // laravel
      'update "jobs" set "locked_at" = now(), "attempts" = 1 where "id" = 3',
      'select exists(select * from "users" where "id" = 1) as "exists"',
      'delete from "jobs" where "id" = 3',
      'insert into "notes" ("body") values (\'x\') returning "id"',
      // sequelize
      `DELETE FROM "notes" WHERE "id" IN (SELECT "id" FROM "notes" WHERE "id" = 5 LIMIT 1)`,
      `INSERT INTO "notes" ("id","body") VALUES (DEFAULT,'x') RETURNING "id","body";`,
      `UPDATE "customers" SET "name"='y' WHERE "id" = 5`,
      'SELECT "id", "email" FROM "customers" AS "customer" WHERE "customer"."id" = 1;',
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'customers'",
      'CREATE TABLE IF NOT EXISTS "posts" ("id"  SERIAL , "title" VARCHAR(255), PRIMARY KEY ("id"));',
      // typeorm
      `SELECT "c"."id" AS "c_id" FROM "customers" "c" WHERE "c"."id" IN (1)`,
      'DELETE FROM "notes" WHERE "id" = 5',
      'START TRANSACTION; INSERT INTO "notes"("id", "body") VALUES (DEFAULT, \'x\') RETURNING "id"; COMMIT',
      'SELECT * FROM current_schema()',
      // knex, drizzle
      'select * from "customers" where "id" = 1 limit 1',
      'update "customers" set "name" = \'z\' where "id" = 1 returning *',
      'insert into "settings" ("key", "value") values (\'key1\', \'x\') on conflict ("key") do update set "value" = excluded."value"',
      'delete from "notes" where "notes"."id" = 5 returning "id"',
      'select "id", "email" from "customers" where ("customers"."id" = 1 and "customers"."status" = \'active\') order by "customers"."id" asc limit 10',
      // sqlalchemy, hibernate, gorm
      'DELETE FROM notes WHERE notes.id = 5',
      "SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relname = 'customers'",
      "update customers c1_0 set name='q' where c1_0.id=3",
      `UPDATE "users" SET "deleted"=true WHERE "users"."id" = 4 AND "users"."deleted" = false`,
    ],
  }),
  ...family('migration', {
    ordinary: [
      {
        setup: migrations,
        text: 'insert into "knex_migrations" ("batch", "migration_time", "name") values (2, now(), \'002.js\')',
      },
      {
        setup: migrations,
        text: `INSERT INTO "schema_migrations" ("version") VALUES ('20240101') RETURNING "version"`,
      },
      {
        setup: migrations,
        text: `INSERT INTO "django_migrations" ("app", "name") VALUES ('shop', '0002')`,
      },
      '-- CreateTable\nCREATE TABLE "posts" (\n    "id" SERIAL NOT NULL,\n    "title" TEXT NOT NULL,\n\n    CONSTRAINT "posts_pkey" PRIMARY KEY ("id")\n);\n\n-- CreateIndex\nCREATE UNIQUE INDEX "posts_title_key" ON "posts"("title");',
      '-- AddForeignKey\nALTER TABLE "payments" ADD CONSTRAINT "payments_order_fkey" FOREIGN KEY ("order_ref") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;',
      'CREATE TABLE IF NOT EXISTS "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)',
      'alter table "customers" add column "nick" varchar(255) null',
      'create table "posts" ("id" bigserial not null primary key, "title" varchar(255) not null, "created_at" timestamp(0) without time zone null)',
      'ALTER TABLE "customers" ADD COLUMN "bio" text DEFAULT \'x\' NOT NULL; ALTER TABLE "customers" ALTER COLUMN "bio" DROP NOT NULL',
      'CREATE INDEX CONCURRENTLY IF NOT EXISTS "orders_status_idx" ON "orders" ("status")',
      'CREATE TYPE "public"."role" AS ENUM(\'admin\', \'user\');',
      'CREATE TABLE "schema_info" ("version" integer DEFAULT 0 NOT NULL)',
      'ALTER TABLE "orders" ADD CONSTRAINT "total_positive" CHECK ("total" >= 0) NOT VALID; ALTER TABLE "orders" VALIDATE CONSTRAINT "total_positive"',
      'CREATE TABLE "tags" ("id" serial PRIMARY KEY); CREATE TABLE "post_tags" ("tag_id" int REFERENCES "tags" ("id") ON DELETE CASCADE)',
    ],
  }),
]
