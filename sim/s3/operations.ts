/** What the rehearsal S3 can be asked: each operation by its own name, over one bucket. */
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { add, find, newBucket, removeVersion, setLock } from './bucket.ts'
import type { Lock, SimBucket, Unfinished, Version } from './bucket.ts'
import { S3Refusal } from './fault.ts'

export interface Asked {
  readonly bucket: SimBucket
  readonly key: string
  readonly query: URLSearchParams
  readonly header: (name: string) => string | null
  readonly body: Buffer
  readonly now: number
  readonly mayBypass: boolean
  /** Where bytes are kept. */
  readonly folder: string
  /** No list is longer. */
  readonly pageSize: number
  /** What becomes of a lock that is asked for: itself, where the server is honest. */
  readonly locking: (lock: Lock) => Lock | null
}

export interface Answer {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly xml?: string
  readonly files?: readonly string[]
  /** The first byte of them that is sent. */
  readonly from?: number
}

export type Operation = (asked: Asked) => Answer

export const operations: { readonly [name: string]: Operation | undefined } = {
  HeadBucket: () => ({}),
  DeleteBucket: ({ bucket }) => {
    if (bucket.keys.size > 0) throw new S3Refusal(409, 'BucketNotEmpty')
    return { status: 204 }
  },
  GetBucketVersioning: ({ bucket }) => ({
    xml: element('VersioningConfiguration', element('Status', bucket.versioning)),
  }),
  PutBucketVersioning: ({ bucket, body }) => {
    const status = inside(body, 'Status') ?? ''
    if (bucket.isLocked && status !== 'Enabled') throw new S3Refusal(409, 'InvalidBucketState')
    bucket.versioning = status
    return {}
  },
  GetBucketLifecycle: ({ bucket }) => {
    if (bucket.lifecycle === null) throw new S3Refusal(404, 'NoSuchLifecycleConfiguration')
    return { xml: bucket.lifecycle }
  },
  PutBucketLifecycle: ({ bucket, body }) => {
    bucket.lifecycle = body.toString('utf8')
    return {}
  },
  DeleteBucketLifecycle: ({ bucket }) => {
    bucket.lifecycle = null
    return { status: 204 }
  },
  ListObjectVersions: listVersions,
  ListMultipartUploads: ({ bucket, query }) => {
    const uploads = [...bucket.uploads].filter(([, { key }]) =>
      key.startsWith(query.get('prefix') ?? ''),
    )
    const told = uploads.map(([id, { key, at }]) =>
      element(
        'Upload',
        element('Key', key) + element('UploadId', id) + element('Initiated', iso(at)),
      ),
    )
    return { xml: element('ListMultipartUploadsResult', told.join('')) }
  },
  PutObject: (asked) => {
    const { bucket, key, body } = asked
    checkFree(asked)
    const lock = lockOf(asked)
    const sha256 = checkSum(asked)
    const version = versionOf(asked, {
      files: [keep(asked)],
      size: body.length,
      etag: md5(body),
      sha256,
      lock,
    })
    add(bucket, key, version)
    return { headers: told(bucket, version) }
  },
  GetObject: (asked) => {
    const version = find(asked.bucket, asked.key, asked.query.get('versionId'))
    if (version.isMarker) throw new S3Refusal(405, 'MethodNotAllowed')
    const from = Number(/^bytes=(\d+)-$/.exec(asked.header('range') ?? '')?.[1] ?? 0)
    const length = { 'content-length': String(version.size - from) }
    // A sum is told with the whole only.
    const told = from === 0 ? summed(asked, version) : { ...version, sha256: null }
    const headers = { ...shown(asked.bucket, told), ...length }
    return { status: from === 0 ? 200 : 206, headers, files: version.files, from }
  },
  HeadObject: (asked) => {
    const version = find(asked.bucket, asked.key, asked.query.get('versionId'))
    if (version.isMarker) throw new S3Refusal(405, 'MethodNotAllowed')
    return { headers: shown(asked.bucket, summed(asked, version)) }
  },
  DeleteObject: (asked) => {
    const { bucket, key } = asked
    if (bucket.versioning !== 'Enabled') {
      bucket.keys.delete(key)
      return { status: 204 }
    }
    const marker = versionOf(asked, { files: [], size: 0, etag: '', sha256: null, lock: null })
    add(bucket, key, { ...marker, isMarker: true })
    return { status: 204 }
  },
  DeleteObjectVersion: (asked) => {
    removeVersion(asked.bucket, asked.key, asked.query.get('versionId') ?? '', asked)
    return { status: 204 }
  },
  PutObjectRetention: (asked) => {
    const lock = {
      mode: inside(asked.body, 'Mode') ?? '',
      until: Date.parse(inside(asked.body, 'RetainUntilDate') ?? ''),
    }
    const kept = asked.locking(lock)
    const at = { key: asked.key, id: asked.query.get('versionId') }
    if (kept !== null) setLock(asked.bucket, at, kept, asked)
    return {}
  },
  // It holds nothing here: the vault never sets one.
  PutObjectLegalHold: ({ bucket }) => {
    if (!bucket.isLocked) throw new S3Refusal(400, 'InvalidRequest')
    return {}
  },
  CreateMultipartUpload: (asked) => {
    const id = newId()
    const { bucket, key, now } = asked
    bucket.uploads.set(id, { key, at: now, lock: lockOf(asked), parts: new Map() })
    return { xml: element('InitiateMultipartUploadResult', element('UploadId', id)) }
  },
  UploadPart: (asked) => {
    const upload = unfinished(asked)
    const [sha256, sum] = [checkSum(asked), md5(asked.body)]
    upload.parts.set(Number(asked.query.get('partNumber')), {
      file: keep(asked),
      size: asked.body.length,
      md5: sum,
      sha256,
    })
    const known = sha256 === null ? {} : { 'x-amz-checksum-sha256': sha256 }
    return { headers: { etag: `"${sum}"`, ...known } }
  },
  CompleteMultipartUpload: complete,
  AbortMultipartUpload: (asked) => {
    unfinished(asked)
    asked.bucket.uploads.delete(asked.query.get('uploadId') ?? '')
    return { status: 204 }
  },
}

export function createBucket(header: Asked['header']): SimBucket {
  return newBucket(header('x-amz-bucket-object-lock-enabled') === 'true')
}

function complete(asked: Asked): Answer {
  const upload = unfinished(asked)
  checkFree(asked)
  const named = [...asked.body.toString('utf8').matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)]
  const parts = named.map(([, number]) => {
    const part = upload.parts.get(Number(number))
    if (part === undefined) throw new S3Refusal(400, 'InvalidPart')
    return part
  })
  if (parts.slice(0, -1).some(({ size }) => size < 5 * 1024 * 1024))
    throw new S3Refusal(400, 'EntityTooSmall')
  const version = versionOf(asked, {
    files: parts.map(({ file }) => file),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: `${md5(Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex'))))}-${parts.length}`,
    sha256: sumOfParts(parts.map(({ sha256 }) => sha256)),
    lock: upload.lock,
  })
  add(asked.bucket, asked.key, version)
  asked.bucket.uploads.delete(asked.query.get('uploadId') ?? '')
  const xml = element('CompleteMultipartUploadResult', element('ETag', version.etag))
  return { headers: told(asked.bucket, version), xml }
}

/** Sorted by key; of one key the newest first. Cut at the page's size, also within a key. */
function listVersions({ bucket, query, pageSize }: Asked): Answer {
  const all = [...bucket.keys]
    .filter(([key]) => key.startsWith(query.get('prefix') ?? ''))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, versions]) => versions.toReversed().map((version) => ({ key, version })))
  const [key, id] = [query.get('key-marker'), query.get('version-id-marker')]
  const from =
    key === null ? 0 : all.findIndex((one) => one.key === key && one.version.id === id) + 1
  const page = all.slice(from, from + pageSize)
  const last = page.at(-1)
  const isCut = last !== undefined && from + pageSize < all.length
  const lines = page.map(({ key, version }) =>
    element(
      version.isMarker ? 'DeleteMarker' : 'Version',
      element('Key', key) +
        element('VersionId', bucket.versioning === '' ? 'null' : version.id) +
        element('LastModified', iso(version.at)),
    ),
  )
  const next = isCut
    ? element('NextKeyMarker', last.key) + element('NextVersionIdMarker', last.version.id)
    : ''
  const head = element('IsTruncated', String(isCut)) + next
  return { xml: element('ListVersionsResult', head + lines.join('')) }
}

function unfinished({ bucket, query, key }: Asked): Unfinished {
  const upload = bucket.uploads.get(query.get('uploadId') ?? '')
  if (upload === undefined || upload.key !== key) throw new S3Refusal(404, 'NoSuchUpload')
  return upload
}

function checkFree({ bucket, key, header }: Asked): void {
  const newest = bucket.keys.get(key)?.at(-1)
  if (header('if-none-match') === '*' && newest !== undefined && !newest.isMarker)
    throw new S3Refusal(412, 'PreconditionFailed')
}

function checkSum({ header, body }: Asked): string | null {
  const said = header('x-amz-checksum-sha256')
  const real = createHash('sha256').update(body).digest('base64')
  if (said !== null && said !== real) throw new S3Refusal(400, 'BadDigest')
  return said
}

function lockOf({ bucket, header, locking }: Asked): Lock | null {
  const mode = header('x-amz-object-lock-mode')
  if (mode === null) return null
  if (!bucket.isLocked) throw new S3Refusal(400, 'InvalidRequest')
  return locking({ mode, until: Date.parse(header('x-amz-object-lock-retain-until-date') ?? '') })
}

function versionOf({ now }: Asked, more: Omit<Version, 'id' | 'isMarker' | 'at'>): Version {
  return { id: newId(), isMarker: false, at: now, ...more }
}

function told(
  bucket: SimBucket,
  { id, etag, sha256 }: Version,
): { readonly [name: string]: string } {
  return {
    etag: `"${etag}"`,
    ...(bucket.versioning === 'Enabled' ? { 'x-amz-version-id': id } : {}),
    ...(sha256 === null ? {} : { 'x-amz-checksum-sha256': sha256 }),
  }
}

function shown(bucket: SimBucket, version: Version): { readonly [name: string]: string } {
  const { lock, size, at } = version
  return {
    ...told(bucket, version),
    'content-length': String(size),
    'last-modified': new Date(at).toUTCString(),
    ...(lock === null
      ? {}
      : {
          'x-amz-object-lock-mode': lock.mode,
          'x-amz-object-lock-retain-until-date': iso(lock.until),
        }),
  }
}

/** Sums are told to who asks for them. */
function summed({ header }: Asked, version: Version): Version {
  return header('x-amz-checksum-mode') === 'ENABLED' ? version : { ...version, sha256: null }
}

/** Of an object in parts: of the sums of its parts, with their number (AWS, "composite checksums"); none where a part has none. */
function sumOfParts(sums: readonly (string | null)[]): string | null {
  const all = createHash('sha256')
  for (const sum of sums) {
    if (sum === null) return null
    all.update(Buffer.from(sum, 'base64'))
  }
  return `${all.digest('base64')}-${sums.length}`
}

function keep({ folder, body }: Asked): string {
  const file = join(folder, newId())
  writeFileSync(file, body)
  return file
}

function newId(): string {
  return randomBytes(12).toString('hex')
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

function inside(body: Buffer, name: string): string | null {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body.toString('utf8'))?.[1] ?? null
}
