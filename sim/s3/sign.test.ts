/** The rehearsal S3 checks signatures as AWS has written them down (AWS, "Signature Calculations", GET Object example). */
import { expect, test } from 'vitest'
import { verify } from './sign.ts'
import type { Signed } from './sign.ts'

const signer = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const at = { now: Date.parse('2013-05-24T00:00:00Z'), region: 'us-east-1' }
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const names = 'host;range;x-amz-content-sha256;x-amz-date'
const signature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'
const asked: Signed = {
  method: 'GET',
  url: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': empty,
    'x-amz-date': '20130524T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${signer.id}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`,
  },
  body: Buffer.alloc(0),
}

test('the example of AWS is accepted', () => {
  expect(verify(asked, [signer], at)).toBe(signer)
})

test.each<[string, Partial<Signed>, string]>([
  ['method', { method: 'PUT' }, 'SignatureDoesNotMatch'],
  ['path', { url: '/test.tx' }, 'SignatureDoesNotMatch'],
  ['query', { url: '/test.txt?versionId=1' }, 'SignatureDoesNotMatch'],
  ['header', { headers: { ...asked.headers, range: 'bytes=0-8' } }, 'SignatureDoesNotMatch'],
  ['body', { body: Buffer.from('x') }, 'XAmzContentSHA256Mismatch'],
  ['signature', { headers: { ...asked.headers, authorization: '' } }, 'InvalidAccessKeyId'],
])('another %s is refused', (_, change, code) => {
  expect(() => verify({ ...asked, ...change }, [signer], at)).toThrow(code)
})

test('an old request is refused', () => {
  const later = { ...at, now: at.now + 16 * 60_000 }
  expect(() => verify(asked, [signer], later)).toThrow('RequestTimeTooSkewed')
})
