/** Grants at the page: minted, narrowed in the browser, used, revoked; and the browser's hop is byte for byte the program's. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandOf, noLists } from '../../console/grant-words.ts'
import { narrowed } from '../../console/narrow.ts'
import type { Caveat } from '../../console/narrow.ts'
import { attenuate, mintGrant } from '../../src/grants/grant.ts'
import { checkPage, openStage, phone, sitter } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let stage: Stage
let bob: Person
beforeAll(async () => {
  stage = await openStage()
  bob = await stage.entered('bob')
})
afterAll(async () => {
  await bob.close()
  await stage.close()
})

const root: Parameters<typeof mintGrant>[2] = [
  ['operations', ['*']],
  ['environments', ['*']],
  ['expires', 9_999_999_999_999],
]

const odd = fc.constantFrom(
  '',
  ' ',
  'a ',
  'é',
  'e\u0301',
  '\u202ea',
  'a\nb',
  '\uFFFD',
  '\uD800',
  '\u3000a',
)
const name = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[a-z][a-zA-Z*]{0,12}$/) },
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.integer({ min: 190, max: 520 }).map((length) => 'n'.repeat(length)),
  fc.integer({ min: 60, max: 200 }).map((length) => 'ä'.repeat(length)),
  odd,
)
const lists = fc.tuple(
  fc.constantFrom('operations', 'environments', 'targets', 'resources'),
  fc.array(name, { maxLength: 3 }),
)
const numbers = fc.tuple(
  fc.constantFrom('expires', 'rows'),
  fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, 2 ** 48 - 1, 2 ** 48, Number.NaN)),
)
const hop: fc.Arbitrary<readonly Caveat[]> = fc.array(fc.oneof(lists, numbers), { maxLength: 4 })

/** What `firebreak grant attenuate` would write; null where it refuses. */
function byProgram(grant: string, caveats: readonly Caveat[]): string | null {
  try {
    return attenuate(grant, caveats, null)
  } catch {
    return null
  }
}

test('what is narrowed in the browser is what the command line makes, and what that refuses is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hop, { maxLength: 3 }), async (hops) => {
      let grant = mintGrant(randomBytes(32), 'grant_1', root)
      for (const caveats of hops) {
        const given = await narrowed(grant, caveats)
        expect(given).toBe(caveats.length === 0 ? null : byProgram(grant, caveats))
        grant = given ?? grant
      }
    }),
    { numRuns: 500 },
  )
})

test('a name of 258 bytes is refused: its length would read as 2, and what follows as names nobody said', async () => {
  const grant = mintGrant(randomBytes(32), 'grant_1', root)
  // `T` is 84 and `U` 85: `ab`, then three more names, all of them plain.
  const long = `abT${'c'.repeat(84)}T${'c'.repeat(84)}U${'c'.repeat(85)}`
  expect(long.length).toBe(258)
  expect(await narrowed(grant, [['operations', [long]]])).toBeNull()
})

test.each([
  ['hops', 'n'],
  ['characters', 'n'.repeat(200)],
])('a grant has no more %s than the program reads', async (_, text) => {
  let grant = mintGrant(randomBytes(32), 'grant_1', root)
  for (;;) {
    const given = await narrowed(grant, [['operations', [text]]])
    expect(given).toBe(byProgram(grant, [['operations', [text]]]))
    if (given === null) break
    grant = given
  }
})

test.each(['', 'fbk_x', 'fbk_AAAA_00000000', 'fbk_AAAA_9b0d08f1', 'fbk_____'])(
  '`%s` is no grant',
  async (text) => {
    expect(await narrowed(text, [['operations', ['read']]])).toBeNull()
  },
)

test('a grant is minted by passkey, works, is narrowed, and works no more once it is revoked', async () => {
  const { page, context } = bob
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.keyboard.press('g')
  await page.getByText('No agent holds anything.').waitFor()
  await checkPage(page, 'Grants without any')
  await page.getByLabel('For which agent').fill('agent:cursor')
  await page.getByLabel('Operations', { exact: true }).fill('read, customDomain*')
  await page.getByLabel('Environments', { exact: true }).fill('staging production')
  await page.getByLabel('Targets (all').fill('railway')
  await page.getByLabel('Most rows at once').fill('20')
  await page.getByRole('button', { name: 'Mint with your passkey' }).click()
  await page.getByRole('button', { name: 'Copy the grant' }).click()
  await page.getByText('copied: the grant').waitFor()
  const grant: string = await page.evaluate('navigator.clipboard.readText()')
  expect(grant).toBe(await page.locator('section[aria-labelledby=fresh] pre').textContent())
  const bound = page.getByRole('list', { name: 'What it is bound to: agent:cursor' })
  for (const one of ['targets railway', 'rows 20'])
    expect(await bound.getByText(one).count()).toBe(1)
  const read = 'query { me { id } }'
  expect((await stage.site.ask(grant, read)).status).toBe(200)
  await page.getByLabel('The grant', { exact: true }).fill(grant)
  await page.getByLabel('Only these operations').fill('customDomain*')
  await page.getByLabel('Only so many rows').fill('5')
  await page
    .getByText("firebreak grant attenuate --operation 'customDomain*' --rows 5 < grant")
    .waitFor()
  await page.getByRole('button', { name: 'Narrow it' }).click()
  const less = (await page.getByLabel('The narrowed grant', { exact: true }).textContent()) ?? ''
  expect((await stage.site.ask(less, read)).status).toBe(403)
  await page.getByRole('button', { name: 'Revoke the grant of agent:cursor' }).click()
  await page.getByText('None: every grant is over or revoked.').waitFor()
  for (const one of [grant, less]) expect((await stage.site.ask(one, read)).status).toBe(401)
})

test('a browser that does not let anything be copied says so', async () => {
  const { page } = bob
  await page.evaluate(
    "navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'))",
  )
  await page.getByRole('button', { name: 'Copy the narrowed grant' }).click()
  await page.getByRole('alert').getByText('mark it by hand').waitFor()
})

test.each([
  [{ operations: 'read' }, 'firebreak grant attenuate --operation read < grant'],
  [{ resources: "volume/it's" }, "firebreak grant attenuate --resource 'volume/it'\\''s' < grant"],
])('%j as a command that a shell takes as it is', (said, command) => {
  expect(commandOf({ ...noLists, ...said }, 0, '')).toBe(command)
})

test('what is refused is said where it was asked', async () => {
  const { page } = bob
  await page.getByLabel('For which agent').fill('Agent With Blanks')
  await page.getByLabel('Environments', { exact: true }).fill('staging')
  await page.getByRole('button', { name: 'Mint with your passkey' }).click()
  await page.getByRole('alert').getByText('principal').waitFor()
})

test.each(['light', 'dark'] as const)('axe finds nothing serious, %s', async (colorScheme) => {
  for (const viewport of [{ width: 1280, height: 800 }, phone]) {
    await stage.site.people.mint(`agent:${colorScheme}`, {
      operations: ['read'],
      environments: ['staging'],
      expiresMs: 3_600_000,
    })
    const name = sitter(colorScheme, viewport === phone)
    const mia = await stage.entered(name, 'approver', { colorScheme, viewport })
    await mia.page.goto(`${stage.site.origin}/#/grants`)
    await mia.page
      .getByRole('button', { name: `Revoke the grant of agent:${colorScheme}` })
      .first()
      .waitFor()
    await checkPage(mia.page, 'Grants')
    await mia.close()
  }
})
