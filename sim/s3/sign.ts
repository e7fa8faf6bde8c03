/** Signature Version 4 as a server checks it: the key is never sent, and one changed byte of what is signed refuses. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { S3Refusal } from './fault.ts'

export interface Signer {
  readonly id: string
  readonly secret: string
  /** Of a credential that ends: what must come along, and until when. */
  readonly session?: { readonly token: string; readonly until: number }
}

export interface Signed {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const maxSkewMs = 15 * 60_000

/** Who signed it. Throws the refusal of a real server otherwise. */
export function verify<S extends Signer>(
  asked: Signed,
  signers: readonly S[],
  { now, region }: { readonly now: number; readonly region: string },
): S {
  const text = asked.headers.authorization ?? ''
  const [, id = '', date = '', where = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      text,
    ) ?? []
  const signer = signerOf(signers, id)
  if (where !== region) throw new S3Refusal(400, 'AuthorizationHeaderMalformed')
  const stamp = header(asked.headers, 'x-amz-date')
  if (Math.abs(timeOf(stamp) - now) > maxSkewMs) throw new S3Refusal(403, 'RequestTimeTooSkewed')
  if (signer.session !== undefined) checkSession(asked.headers, signer.session, now)
  const scope = `${date}/${where}/s3/aws4_request`
  const told = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical(asked, names))}`
  const key = [date, where, 's3', 'aws4_request'].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${signer.secret}`),
  )
  const right = createHmac('sha256', key).update(told).digest()
  if (!timingSafeEqual(right, Buffer.from(signature, 'hex')))
    throw new S3Refusal(403, 'SignatureDoesNotMatch')
  return signer
}

function signerOf<S extends Signer>(signers: readonly S[], id: string): S {
  const signer = signers.find((one) => one.id === id)
  if (signer === undefined) throw new S3Refusal(403, 'InvalidAccessKeyId')
  return signer
}

function checkSession(
  headers: IncomingHttpHeaders,
  { token, until }: { readonly token: string; readonly until: number },
  now: number,
): void {
  if (header(headers, 'x-amz-security-token') !== token)
    throw new S3Refusal(403, 'InvalidAccessKeyId')
  if (now > until) throw new S3Refusal(400, 'ExpiredToken')
}

function canonical({ method, url, headers, body }: Signed, names: string): string {
  const [path = '', query = ''] = url.split('?')
  const parts = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => (part.includes('=') ? part : `${part}=`))
  const lines = names.split(';').map((name) => `${name}:${header(headers, name).trim()}\n`)
  const sum = header(headers, 'x-amz-content-sha256')
  if (sum !== 'UNSIGNED-PAYLOAD' && sum !== sha256(body))
    throw new S3Refusal(400, 'XAmzContentSHA256Mismatch')
  return [method, path, parts.toSorted().join('&'), lines.join(''), names, sum].join('\n')
}

function header(headers: IncomingHttpHeaders, name: string): string {
  return String(headers[name] ?? '')
}

/** `20261127T014500Z` */
function timeOf(stamp: string): number {
  return Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  )
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
