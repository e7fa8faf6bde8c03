/** Bytes on their way into a bucket: sent in parts that are no object yet, and made one, locked, when they are named. */
import { createHash } from 'node:crypto'
import type { CompletedPart } from '@aws-sdk/client-s3'
import { FirebreakError } from '../base/error.ts'
import type { Bytes } from './chunks.ts'
import type { Bucket } from './s3-bucket.ts'
import { faultOf, nameOf, statusOf } from './s3-fault.ts'

export type Upload =
  | {
      readonly kind: 'small'
      readonly key: string
      /** Null: none, as of a thing that is made to be lost. */
      readonly lock: Lock | null
      readonly body: Buffer
    }
  | {
      readonly kind: 'parts'
      readonly key: string
      readonly lock: Lock
      readonly uploadId: string
      readonly parts: readonly CompletedPart[]
    }

export interface Lock {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE'
  readonly until: number
}

/**
 * Sends bytes so that nobody sees them yet. What fits into `roomBytes` waits in memory, the rest in an unfinished upload of
 * the bucket's, which counts for nothing.
 */
export async function begin(
  bucket: Bucket,
  key: string,
  bytes: Bytes,
  { roomBytes, lock }: { readonly roomBytes: number; readonly lock: Lock },
): Promise<Upload> {
  const sent = sending(bucket, key, lock)
  try {
    let held: Buffer | null = null
    for await (const part of partsOf(bytes)) {
      if (held !== null) await sent.add(held)
      held = part
    }
    const last: Buffer = held ?? Buffer.alloc(0)
    if (!sent.isBegun() && last.length <= roomBytes)
      return { kind: 'small', key, lock, body: Buffer.from(last) }
    await sent.add(last)
    return await sent.end()
  } catch (thrown) {
    // What was sent goes, and the reason stays.
    await sent.drop()
    throw thrown
  }
}

/**
 * Makes it an object. The id of its version; null where `once` and the name was taken: then it is as it was. The lock went along, and whether
 * it took must be asked.
 */
export async function finish(
  bucket: Bucket,
  upload: Upload,
  once: boolean,
): Promise<string | null> {
  const common = {
    Bucket: bucket.name,
    Key: upload.key,
    ...(once ? { IfNoneMatch: '*' } : {}),
  }
  try {
    const { VersionId } =
      upload.kind === 'small'
        ? await putSmall(bucket, upload.body, {
            ...common,
            ...(upload.lock === null ? {} : lockFields(upload.lock)),
          })
        : await bucket.raw((s3) =>
            s3.completeMultipartUpload({
              ...common,
              UploadId: upload.uploadId,
              MultipartUpload: { Parts: [...upload.parts] },
            }),
          )
    if (VersionId !== undefined) return VersionId
    throw new FirebreakError(
      'bad_config',
      `the vault \`${bucket.place}\` keeps no versions, so nothing in it is locked`,
      'make a bucket with object lock turned on: that turns versions on too',
    )
  } catch (thrown) {
    if (once && isTaken(thrown)) return null
    throw faultOf(thrown, 'take an object', bucket.place)
  }
}

/** Takes away what was sent and is no object. */
export async function drop(bucket: Bucket, upload: Upload): Promise<void> {
  if (upload.kind === 'parts') await abort(bucket, upload.key, upload.uploadId)
}

/** An upload that is gone already is as good as one that is taken away. */
export async function abort(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  try {
    await bucket.raw((s3) =>
      s3.abortMultipartUpload({ Bucket: bucket.name, Key: key, UploadId: uploadId }),
    )
  } catch (thrown) {
    if (nameOf(thrown) !== 'NoSuchUpload')
      throw faultOf(thrown, 'take away what was not finished', bucket.place)
  }
}

/** Somebody has the name, or is about to: in both cases it is not ours to give. */
function isTaken(thrown: unknown): boolean {
  const name = nameOf(thrown)
  return (
    statusOf(thrown) === 412 ||
    name === 'PreconditionFailed' ||
    name === 'ConditionalRequestConflict'
  )
}

interface Sending {
  isBegun(): boolean
  add(body: Buffer): Promise<void>
  end(): Promise<Upload>
  drop(): Promise<void>
}

function sending(bucket: Bucket, key: string, lock: Lock): Sending {
  const parts: CompletedPart[] = []
  let uploadId: string | null = null
  const begun = async (): Promise<string> => {
    if (uploadId !== null) return uploadId
    const { UploadId = '' } = await bucket.ask('begin an upload', (s3) =>
      s3.createMultipartUpload({
        Bucket: bucket.name,
        Key: key,
        ChecksumAlgorithm: 'SHA256',
        ...lockFields(lock),
      }),
    )
    uploadId = UploadId
    return UploadId
  }
  return {
    isBegun: () => uploadId !== null,
    add: async (body) => {
      const [id, number, sha256] = [await begun(), parts.length + 1, sha256Of(body)]
      const got = await bucket.ask('take a part', (s3) =>
        s3.uploadPart({
          Bucket: bucket.name,
          Key: key,
          UploadId: id,
          PartNumber: number,
          Body: body,
          ChecksumSHA256: sha256,
        }),
      )
      arrived(bucket, body, got)
      parts.push({ PartNumber: number, ETag: got.ETag ?? '', ChecksumSHA256: sha256 })
    },
    end: async () => ({ kind: 'parts', key, lock, uploadId: await begun(), parts }),
    drop: async () => {
      if (uploadId !== null) await abort(bucket, key, uploadId)
    },
  }
}

async function putSmall(
  bucket: Bucket,
  body: Buffer,
  common: { readonly Bucket: string; readonly Key: string },
): Promise<{ readonly VersionId?: string | undefined }> {
  const got = await bucket.raw((s3) =>
    s3.putObject({ ...common, Body: body, ChecksumSHA256: sha256Of(body) }),
  )
  arrived(bucket, body, got)
  return got
}

/** Older servers ignore a checksum that they do not know, and then the tag of the bytes must be their MD5. */
function arrived(
  bucket: Bucket,
  body: Buffer,
  got: { readonly ETag?: string | undefined; readonly ChecksumSHA256?: string | undefined },
): void {
  const md5 = createHash('md5').update(body).digest('hex')
  const same =
    got.ChecksumSHA256 === undefined
      ? got.ETag?.replaceAll('"', '') === md5
      : got.ChecksumSHA256 === sha256Of(body)
  if (same) return
  throw new FirebreakError(
    'broken_store',
    `the vault \`${bucket.place}\` does not show that it has the bytes it was sent`,
    'use a service that answers with SHA-256 checksums',
  )
}

function lockFields({ mode, until }: Lock): {
  readonly ObjectLockMode: Lock['mode']
  readonly ObjectLockRetainUntilDate: Date
} {
  return { ObjectLockMode: mode, ObjectLockRetainUntilDate: new Date(until) }
}

function sha256Of(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64')
}

/** A bucket takes 10,000 parts: they grow, so that a small object needs little memory and 400 GiB still fit. */
function partBytes(index: number): number {
  return 8 * 1024 * 1024 * (1 + Math.floor(index / 1000))
}

/** The bytes in parts, each in memory of its own; the last may be short, and there always is one. */
export async function* partsOf(bytes: Bytes): AsyncGenerator<Buffer> {
  let index = 0
  let part = Buffer.allocUnsafe(partBytes(index))
  let used = 0
  for await (const piece of bytes)
    for (let at = 0; at < piece.length;) {
      if (used === part.length) {
        yield part
        index += 1
        part = Buffer.allocUnsafe(partBytes(index))
        used = 0
      }
      const size = Math.min(part.length - used, piece.length - at)
      part.set(piece.subarray(at, at + size), used)
      used += size
      at += size
    }
  yield part.subarray(0, used)
}
