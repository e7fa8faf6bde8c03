import { expect, test } from 'vitest'
import { documented, isDocument, readDocument } from './document.ts'
import { isPublic, lookupPublic } from './nowhere-near.ts'

test.each<[string, boolean]>([
  ['https://client.example/about.json', true],
  ['https://a.client.example/x?y=1', true],
  ['https://client.example/', false],
  ['https://client.example', false],
  ['http://client.example/x', false],
  ['https://client.example:8443/x', false],
  ['https://a@client.example/x', false],
  ['https://client.example/x#y', false],
  ['https://client.example/a/../x', false],
  ['https://CLIENT.example/x', false],
  ['https://localhost/x', false],
  ['https://intranet/x', false],
  ['https://127.0.0.1/x', false],
  ['https://2130706433/x', false],
  ['https://[::1]/x', false],
  [`https://client.example/${'x'.repeat(500)}`, false],
  ['fbs1.a.b', false],
])('the id %s is a document: %s', (id, is) => {
  expect(isDocument(id)).toBe(is)
})

test.each<[string, boolean]>([
  ['1.1.1.1', true],
  ['2606:4700::1', true],
  ['127.0.0.1', false],
  ['10.1.2.3', false],
  ['100.100.100.200', false],
  ['169.254.169.254', false],
  ['172.31.0.1', false],
  ['192.168.1.1', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:1.1.1.1', false],
  ['64:ff9b::7f00:1', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['ff02::1', false],
  ['name', false],
])('%s is public: %s', (address, is) => {
  expect(isPublic(address)).toBe(is)
})

test('a name that leads to this machine leads nowhere', async () => {
  const told = await new Promise<unknown>((resolve) => {
    lookupPublic('localhost', {}, resolve)
  })
  expect(told).toMatchObject({ message: '`localhost` leads to no public address' })
  await expect(readDocument('https://localhost/x')).rejects.toThrow('leads to no public address')
})

const id = 'https://client.example/about.json'
const good = { client_id: id, client_name: 'A', redirect_uris: ['https://client.example/back'] }

test('a document tells of its client', async () => {
  const read = async (): ReturnType<typeof readDocument> => await Promise.resolve(good)
  expect(await documented(id, read)).toEqual({
    name: 'A',
    redirects: ['https://client.example/back'],
  })
})

test.each<[string, Awaited<ReturnType<typeof readDocument>>, string]>([
  ['that is not there', null, 'there is none'],
  ['of another', { ...good, client_id: `${id}x` }, 'of another client'],
  ['without an id', { redirect_uris: [] }, 'of another client'],
  ['of a client with a secret', { ...good, client_secret: 'x' }, 'no public client'],
  [
    'of a client that shows a secret',
    { ...good, token_endpoint_auth_method: 'client_secret_basic' },
    'no public client',
  ],
  ['without addresses', { client_id: id, client_name: 'A' }, 'no address'],
  ['without a name', { client_id: id, redirect_uris: [] }, 'names nobody'],
])('a document %s is none', async (_, document, why) => {
  await expect(documented(id, async () => await Promise.resolve(document))).rejects.toThrow(why)
})
