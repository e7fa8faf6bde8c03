/** A client asks for a grant in a real browser: who sits there reads who it is and where it goes, signs, and is sent back there alone. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMcpServer } from '../../sim/mcp/http.ts'
import type { McpServer } from '../../sim/mcp/http.ts'
import { openStore } from '../../sim/mcp/store.ts'
import { textOf } from '../../src/base/json.ts'
import { freePort } from '../free-port.ts'
import { checkPage, openStage, phone } from './browser.ts'
import type { Person, Stage } from './browser.ts'

let server: McpServer
let stage: Stage
let bob: Person
let client: Server
let redirect: string
const came: string[] = []
const verifier = 'v'.repeat(43)
beforeAll(async () => {
  server = await startMcpServer(openStore())
  const targets = `  shop:
    platform: mcp
    url: ${server.url}
    environments:
      staging: { id: stage-1, protected: false }`
  stage = await openStage('', { targets })
  bob = await stage.entered('bob')
  const port = await freePort()
  redirect = `http://127.0.0.1:${port}/callback`
  client = createServer((incoming, outgoing) => {
    if (incoming.url?.startsWith('/callback') === true) came.push(incoming.url)
    outgoing.end('back at the client')
  })
  await new Promise<void>((resolve) => client.listen(port, '127.0.0.1', resolve))
})
afterAll(async () => {
  client.closeAllConnections()
  client.close()
  await bob.close()
  await stage.close()
  await server.close()
})

async function asked(name: string): Promise<{ readonly id: string; readonly url: string }> {
  const { site } = stage
  const body = JSON.stringify({ client_name: name, redirect_uris: [redirect] })
  const id = textOf((await site.send('/register', { method: 'POST', body })).body['client_id'])
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: id,
    redirect_uri: redirect,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource: `${site.running.url}/shop`,
    state: 's',
  })
  return { id, url: `${site.origin}/authorize?${query.toString()}` }
}

test('it is signed for, and the client has the grant', async () => {
  const { id, url } = await asked('Cursor')
  const { page } = bob
  await page.goto(url)
  await page.getByRole('heading', { name: 'A client asks for a grant' }).waitFor()
  await page.getByText(redirect).waitFor()
  await checkPage(page, 'Ask')
  await page.getByLabel('For which agent').fill('agent:cursor')
  await page.getByLabel('Environments').fill('staging')
  await page.getByRole('button', { name: 'Mint with your passkey' }).click()
  await page.getByText('back at the client').waitFor()
  const back = new URL(came.at(-1) ?? '', redirect)
  expect(back.searchParams.get('iss')).toBe(stage.site.origin)
  const given = await stage.site.send('/token', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: id,
      redirect_uri: redirect,
      code: back.searchParams.get('code') ?? '',
      code_verifier: verifier,
    }).toString(),
  })
  expect(given.body).toMatchObject({
    access_token: expect.stringMatching(/^fbk_/),
    token_type: 'Bearer',
  })
})

test('what a client calls itself is text, however it is written', async () => {
  const { url } = await asked('<img src=x onerror=alert(1)>\u202efirebreak.example')
  const { page } = bob
  await page.goto(url)
  await page.getByText('<img src=x onerror=alert(1)>').waitFor()
  expect(await page.locator('main img').count()).toBe(0)
  expect(await page.locator('main').textContent()).not.toContain('\u202e')
  await page.setViewportSize(phone)
  await page.emulateMedia({ colorScheme: 'dark' })
  await checkPage(page, 'Ask')
  await page.getByRole('button', { name: 'Refuse' }).click()
  await page.getByText('back at the client').waitFor()
  expect(came.at(-1)).toContain('error=access_denied')
  expect(bob.complaints).toEqual([])
})

test('whoever is not signed in signs in first, and comes to the same', async () => {
  const { url } = await asked('Cursor')
  const eve = await stage.somebody('eve')
  await eve.page.goto(url)
  await eve.page.getByLabel('Your name').waitFor()
  expect(await eve.page.getByText(redirect).count()).toBe(0)
  await eve.close()
})
