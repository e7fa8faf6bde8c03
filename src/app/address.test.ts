/** `host:port` of the config, read in one place. */
import { expect, test } from 'vitest'
import { addressAt } from './address.ts'

test.each([
  ['127.0.0.1:7077', { host: '127.0.0.1', port: 7077 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['0.0.0.0:65535', { host: '0.0.0.0', port: 65_535 }],
  ['127.0.0.1:65536', null],
  ['127.0.0.1', null],
  [':7077', null],
  ['127.0.0.1:', null],
  ['127.0.0.1:7077x', null],
])('%s', (text, at) => expect(addressAt(text)).toEqual(at))
