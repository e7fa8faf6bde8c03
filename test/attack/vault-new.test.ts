/** Attacks on where the vault's newest parts work: programs that others have laid there, and copies that would stay. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findPrograms } from '../../src/vault/programs.ts'
import { statementsIn, statementsOf } from '../../src/vault/schema-split.ts'
import { isHarmless, turnOf } from '../../src/vault/schema-turns.ts'

const root = mkdtempSync(join(tmpdir(), 'firebreak-new-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test.each([
  [0o755, true],
  [0o711, true],
  [0o775, false],
  [0o1777, false],
])('programs in a scratch folder of mode %o are run: %s', async (mode, isRun) => {
  const folder = join(root, mode.toString(8))
  mkdirSync(join(folder, 'postgresql-99/bin'), { recursive: true })
  writeFileSync(join(folder, 'postgresql-99/bin/pg_dump'), '')
  chmodSync(folder, mode)
  const found = await findPrograms(99, { exact: false, folder, holds: ['pg_dump'] })
  expect(found !== null).toBe(isRun)
})

test.skipIf(process.getuid?.() !== 0)(
  'a copy in which nobody may write leaves nothing behind, also for who is not root',
  () => {
    chmodSync(root, 0o777)
    const ran = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
        import { takeAway } from '${join(import.meta.dirname, '../../src/vault/take-away.ts')}'
        mkdirSync('copy/it/shut', { recursive: true })
        mkdirSync('living')
        chmodSync('living', 0o555)
        writeFileSync('copy/it/shut/file', '')
        symlinkSync('../../../living', 'copy/it/shut/link')
        for (const path of ['copy/it/shut', 'copy/it']) chmodSync(path, 0o555)
        await takeAway('copy')
        await takeAway('copy')`,
      ],
      { cwd: root, uid: 59_001, gid: 59_001, encoding: 'utf8' },
    )
    expect(ran.stderr).toBe('')
    expect(existsSync(join(root, 'copy'))).toBe(false)
    expect(existsSync(join(root, 'living'))).toBe(true)
  },
)

test.each([
  'GRANT pg_execute_server_program TO low',
  'GRANT "a ON b" TO low',
  'REVOKE pg_monitor FROM low',
  'ALTER ROLE low SUPERUSER',
  'SET ROLE postgres',
])('what a schema slips in is run by no superuser: %s', (text) => {
  expect(statementsIn(`${text};\n`).map(isHarmless)).toEqual([false])
})

test.each([
  'GRANT SELECT(a),UPDATE(b) ON TABLE public.t TO low',
  'GRANT ALL ON SCHEMA public TO PUBLIC',
  'REVOKE ALL ON FUNCTION public.f(a integer, b text) FROM PUBLIC',
  'ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA b GRANT SELECT ON TABLES TO c',
])('and privileges go on: %s', (text) => {
  expect(statementsIn(`${text};\n`).map(turnOf)).toEqual(['right'])
})

test('a function or a column that is named `begin` swallows nothing', () => {
  const text = `CREATE FUNCTION public.begin() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT t.begin, CASE WHEN true THEN 1 END FROM t; SELECT 2; END;
CREATE VIEW public.v AS SELECT 1;
`
  expect(statementsIn(text)).toHaveLength(3)
})

test('a schema that somebody made too long keeps nobody else waiting', async () => {
  const text = `CREATE VIEW public.v AS VALUES ${'(1),'.repeat(1_000_000)}(1);\n`
  let [turns, longest, before] = [0, 0, performance.now()]
  const timer = setInterval(() => {
    turns += 1
    longest = Math.max(longest, performance.now() - before)
    before = performance.now()
  }, 1)
  try {
    expect(await statementsOf(text)).toHaveLength(1)
  } finally {
    clearInterval(timer)
  }
  expect(turns).toBeGreaterThan(20)
  expect(longest).toBeLessThan(1000)
}, 60_000)
