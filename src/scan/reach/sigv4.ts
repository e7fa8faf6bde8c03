/** A form that is signed for AWS: Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
import { createHash, createHmac } from 'node:crypto'
import type { Secret } from '../../base/secret.ts'

export interface AwsKey {
  readonly id: string
  readonly secret: Secret
  readonly session: Secret | null
}

export interface SignedForm {
  readonly host: string
  readonly region: string
  readonly service: string
  readonly body: string
  readonly now: Date
}

const type = 'application/x-www-form-urlencoded; charset=utf-8'
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** Headers for a POST of the body to `/`. The secret itself is in none of them. */
export function signed(
  { id, secret, session }: AwsKey,
  { host, region, service, body, now }: SignedForm,
): Readonly<Record<string, string>> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const token = session === null ? {} : { 'x-amz-security-token': session.reveal() }
  const headers: Readonly<Record<string, string>> = {
    'content-type': type,
    host,
    'x-amz-date': time,
    ...token,
  }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const request = ['POST', '/', '', lines.join(''), names, sha(body)].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', time, scope, sha(request)].join('\n')
  const key = [region, service, 'aws4_request'].reduce<Buffer>(
    (last, part) => mac(last, part),
    mac(`AWS4${secret.reveal()}`, day),
  )
  const signature = mac(key, text).toString('hex')
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  }
}
