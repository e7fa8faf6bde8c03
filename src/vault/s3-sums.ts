/** What a bucket shows of the bytes that it has: its SHA-256 of a version, held against ours without reading it back. */
import { createHash } from 'node:crypto'
import type { Bytes } from './chunks.ts'
import type { Bucket, Version } from './s3-bucket.ts'
import { partsOf } from './s3-upload.ts'
import type { Upload } from './s3-upload.ts'

export interface Sums {
  /** Of all bytes; null where nobody has summed them so. */
  readonly whole: string | null
  /** Of the sums of the parts in which we send them, and their number: what a bucket shows of an upload in parts. */
  readonly parts: string
}

export async function sumsOf(bytes: Bytes): Promise<Sums> {
  const whole = createHash('sha256')
  const parts: string[] = []
  for await (const part of partsOf(bytes)) {
    whole.update(part)
    parts.push(createHash('sha256').update(part).digest('base64'))
  }
  return { whole: whole.digest('base64'), parts: sumOfParts(parts) }
}

export function sumsOfUpload(upload: Upload): Sums {
  if (upload.kind === 'parts')
    return {
      whole: null,
      parts: sumOfParts(upload.parts.map(({ ChecksumSHA256: sum = '' }) => sum)),
    }
  const whole = createHash('sha256').update(upload.body).digest('base64')
  return { whole, parts: sumOfParts([whole]) }
}

/** The oldest version of which the bucket shows these sums; null where it shows others, or none. */
export async function versionWith(
  bucket: Bucket,
  versions: readonly Version[],
  { whole, parts }: Sums,
): Promise<Version | null> {
  for (const version of versions) {
    const shown = await shownOf(bucket, version)
    if (shown !== null && (shown === whole || shown === parts)) return version
  }
  return null
}

/** As the bucket has it; null where it has none. */
export async function shownOf(bucket: Bucket, { key, id }: Version): Promise<string | null> {
  const { ChecksumSHA256: shown = null } = await bucket.ask('show an object', (s3) =>
    s3.headObject({ Bucket: bucket.name, Key: key, VersionId: id, ChecksumMode: 'ENABLED' }),
  )
  return shown
}

function sumOfParts(sums: readonly string[]): string {
  const all = Buffer.concat(sums.map((sum) => Buffer.from(sum, 'base64')))
  return `${createHash('sha256').update(all).digest('base64')}-${sums.length}`
}
