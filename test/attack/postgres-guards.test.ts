/** Guards that are disarmed without a DROP, and functions that blind the count, before a real server. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEnforced } from '../postgres/enforce-house.ts'
import type { Enforced } from '../postgres/enforce-house.ts'

let it: Enforced

beforeAll(async () => {
  it = await openEnforced()
}, 60_000)
afterAll(() => it.close())
beforeEach(async () => {
  await it.direct(`SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE car (id int PRIMARY KEY, owner text); INSERT INTO car SELECT generate_series(1, 50);
CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$;
CREATE TRIGGER kept BEFORE DELETE ON car FOR EACH ROW EXECUTE FUNCTION kept();
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.owner := 'me'; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON car FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE FUNCTION own(text) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT $1 = 'me' $$;
CREATE TABLE secret (id int, owner text); ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secret USING (own(owner)); CREATE TABLE plain (id int, owner text);
CREATE FUNCTION blind() RETURNS int LANGUAGE sql SET track_counts = off AS $$ UPDATE public.car SET owner = 'x' WHERE id IN (1, 2); SELECT 1 $$;
CREATE FUNCTION replica() RETURNS int LANGUAGE plpgsql SET session_replication_role = replica AS $$ BEGIN DELETE FROM public.car WHERE id = 1; RETURN 1; END $$;
CREATE TABLE hook (id int); CREATE FUNCTION hooked() RETURNS trigger LANGUAGE plpgsql SET track_counts = off AS $$ BEGIN UPDATE public.car SET owner = 'x' WHERE id = NEW.id; RETURN NEW; END $$;
CREATE TRIGGER hooked AFTER INSERT ON hook FOR EACH ROW EXECUTE FUNCTION hooked();`)
  await it.look()
  await it.afresh()
})

test.each([
  'CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;',
  'CREATE OR REPLACE FUNCTION public.kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;',
  'CREATE OR REPLACE FUNCTION own(text) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT true $$;',
  'CREATE OR REPLACE FUNCTION own(text) RETURNS bool IMMUTABLE LANGUAGE sql RETURN true;',
  'CREATE POLICY more ON secret USING (true);',
  'CREATE POLICY more ON public.secret AS PERMISSIVE FOR SELECT USING (id < 10);',
  'SELECT blind();',
  'INSERT INTO hook VALUES (1);',
  'SELECT replica();',
])('a guard stays what it is until a person says otherwise: %s', async (sql) => {
  expect(await it.psql(sql)).toMatch(/Firebreak (?:holds|refuses|keeps)/)
})

test.each([
  "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.owner := 'you'; RETURN NEW; END $$;",
  "CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'kept'; END $$;",
  'CREATE OR REPLACE FUNCTION fresh() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
  'CREATE POLICY less ON secret AS RESTRICTIVE USING (id < 10);',
  'CREATE POLICY first ON plain USING (true);',
  'BEGIN; CREATE TABLE young (id int); ALTER TABLE young ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON young USING (true); COMMIT;',
])('quiet-on-safe: %s', async (sql) => {
  expect(await it.psql(sql)).not.toMatch(/Firebreak|ERROR/)
})
