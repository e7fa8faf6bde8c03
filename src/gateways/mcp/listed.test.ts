import { expect, test } from 'vitest'
import type { Redactor } from '../http/house.ts'
import { openListed } from './listed.ts'

const plain: Redactor = {
  push: (chunk) => chunk,
  end: () => new Uint8Array(0),
  whole: (text) => text,
}
const tools = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"good"},{"name":"poisoned"}]}}'

function shown(text: string, isStream: boolean): string {
  const shows = {
    tool: ({ name }: { readonly name?: unknown }) => name !== 'poisoned',
    changed: () => {},
  }
  const looks = openListed(plain, () => isStream, shows)
  const first = looks.push(Buffer.from(text))
  return Buffer.concat([Buffer.from(first), Buffer.from(looks.end())]).toString('utf8')
}

test.each<[string, string, boolean]>([
  ['a body', tools, false],
  ['a batch', `[${tools}]`, false],
  ['an event', `data: ${tools}\n\n`, true],
  ['an event that ends by two kinds of line ends', `data: ${tools}\n\r\ndata: {}\n\n`, true],
  ['another order of them', `data: ${tools}\r\n\ndata: {}\n\n`, true],
  ['carriage returns', `data: ${tools}\r\rdata: {}\n\n`, true],
  ['an event with a batch', `data: [${tools}]\n\n`, true],
  ['data in two lines', `data: ${tools.slice(0, 20)}\ndata: ${tools.slice(20)}\n\n`, true],
  ['data that only another reader takes for JSON', `data: ${tools},\n\n`, true],
  ['half an event', `data: ${tools}\n`, true],
])('a tool that may not be shown is taken out of %s', (_, text, isStream) => {
  expect(shown(text, isStream)).not.toContain('poisoned')
})

test.each<[string, string, boolean]>([
  ['a body', '{ "jsonrpc":"2.0", "id":1, "result":{"tools":[{"name":"good"}]} }', false],
  ['no JSON', '<html>bad gateway</html>', false],
  ['a stream', ': hello\n\nid: 1\ndata:\n\ndata: {"a":1}\n\n', true],
])('%s goes on as it came', (_, text, isStream) => expect(shown(text, isStream)).toBe(text))
