/** A rehearsal S3 with Object Lock on loopback: it checks every signature, and really deletes what is not locked. */
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Lock, SimBucket, Version } from './bucket.ts'
import { S3Refusal, denied } from './fault.ts'
import { createBucket, element, operations } from './operations.ts'
import type { Answer, Asked } from './operations.ts'
import { verify } from './sign.ts'
import type { Signer } from './sign.ts'

export interface SimUser extends Signer {
  /** What it may do, by the operation's name; `BypassGovernanceRetention` is one of them. */
  readonly may: (operation: string) => boolean
}

/** How it can be worse than it should be. */
export interface Flaws {
  /** Its own clock. */
  readonly now?: () => number
  /** An answer in place of the real one. */
  readonly refuses?: (operation: string) => S3Refusal | null
  /** Headers that are lost on the way in, as by a server that does not know them. */
  readonly ignores?: readonly string[]
  readonly pageSize?: number
  /** Breaks the line after so many bytes of an object. */
  readonly breaksAfter?: () => number | null
  /** A lock as it is kept in place of the one that was asked for. */
  readonly locking?: (lock: Lock) => Lock | null
}

export interface SimS3 {
  readonly endpoint: string
  /** Changes a bit of every object whose key ends so; true where there was one. */
  rot(suffix: string): boolean
  /** Every object whose key ends so has other bytes, or is gone where none come back; what is handed back makes it as it was. */
  harm(suffix: string, change: (bytes: Buffer) => Buffer | null): () => void
  close(): Promise<void>
}

const region = 'us-east-1'

export async function startSimS3(users: readonly SimUser[], flaws: Flaws = {}): Promise<SimS3> {
  const folder = mkdtempSync(join(tmpdir(), 'sim-s3-'))
  const buckets = new Map<string, SimBucket>()
  const house = { folder, buckets, users, flaws }
  const server = createServer((request, response) => void answer(house, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    endpoint: `http://127.0.0.1:${port}`,
    rot: (suffix) => {
      const versions = [...buckets.values()].flatMap(({ keys }) =>
        [...keys].filter(([key]) => key.endsWith(suffix)).flatMap(([, versions]) => versions),
      )
      const files = versions.flatMap(({ files }) => files)
      for (const file of files) flipBit(file)
      return files.length > 0
    },
    harm: (suffix, change) => {
      const undo = [...buckets.values()].flatMap(({ keys }) =>
        [...keys]
          .filter(([key]) => key.endsWith(suffix))
          .map(([key, versions]) => {
            const after = versions.flatMap((one) => harmed(folder, one, change))
            if (after.length === 0) keys.delete(key)
            else keys.set(key, after)
            return () => keys.set(key, versions)
          }),
      )
      if (undo.length === 0) throw new Error(`there is no object that ends in ${suffix}`)
      return () => undo.forEach((back) => back())
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface House {
  readonly folder: string
  readonly buckets: Map<string, SimBucket>
  readonly users: readonly SimUser[]
  readonly flaws: Flaws
}

async function answer(
  house: House,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const now = house.flaws.now?.() ?? Date.now()
  response.setHeader('date', new Date(now).toUTCString())
  try {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(Buffer.from(piece))
    const told = handle(house, request, Buffer.concat(pieces), now)
    const most = told.files === undefined ? null : (house.flaws.breaksAfter?.() ?? null)
    await send(request, most === null ? response : breaking(response, most), told)
  } catch (thrown) {
    // Whoever asked has gone, or hears that the bytes end too early.
    if (response.headersSent) return void response.destroy()
    const { status, code } =
      thrown instanceof S3Refusal ? thrown : new S3Refusal(500, 'InternalError')
    response.writeHead(status, { 'content-type': 'application/xml' })
    const words = element('Code', code) + element('Message', 'said by the server')
    response.end(request.method === 'HEAD' ? undefined : element('Error', words))
  }
}

function handle(house: House, request: IncomingMessage, body: Buffer, now: number): Answer {
  const { method = '', url = '', headers } = request
  const user = verify({ method, url, headers, body }, house.users, { now, region })
  const { pathname, searchParams: query } = new URL(url, 'http://s3')
  const [, name = '', ...path] = pathname.split('/').map(decodeURIComponent)
  const key = path.join('/')
  const operation = operationOf(method, key !== '', query)
  const refusal = house.flaws.refuses?.(operation) ?? null
  if (refusal !== null) throw refusal
  if (!user.may(operation)) throw denied()
  const header = (name: string): string | null =>
    house.flaws.ignores?.includes(name) === true ? null : (headers[name]?.toString() ?? null)
  const mayBypass =
    header('x-amz-bypass-governance-retention') === 'true' && user.may('BypassGovernanceRetention')
  return run(house, name, operation, { key, query, header, body, now, mayBypass })
}

function run(
  { buckets, folder, flaws }: House,
  name: string,
  operation: string,
  asked: Omit<Asked, 'bucket' | 'folder' | 'pageSize' | 'locking'>,
): Answer {
  if (operation === 'CreateBucket') {
    buckets.set(name, createBucket(asked.header))
    return {}
  }
  const bucket = buckets.get(name)
  const known = operations[operation]
  if (bucket === undefined) throw new S3Refusal(404, 'NoSuchBucket')
  if (known === undefined) throw new S3Refusal(501, 'NotImplemented')
  const { pageSize = 1000, locking = (lock) => lock } = flaws
  const told = known({ ...asked, bucket, folder, pageSize, locking })
  if (operation === 'DeleteBucket') buckets.delete(name)
  return told
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status = 200, headers = {}, xml, files = [], from = 0 }: Answer,
): Promise<void> {
  response.writeHead(
    status,
    xml === undefined ? headers : { ...headers, 'content-type': 'application/xml' },
  )
  if (request.method !== 'HEAD') {
    await pipeline(() => bytesOf(files, from), response, { end: false })
    if (xml !== undefined) response.write(xml)
  }
  response.end()
}

/** The same answer, on a line that breaks when it has carried so many bytes. */
function breaking(response: ServerResponse, most: number): ServerResponse {
  const write = response.write.bind(response)
  let sent = 0
  response.write = (piece: Buffer) => {
    sent += piece.length
    return sent > most ? response.destroy().writable : write(piece)
  }
  return response
}

async function* bytesOf(files: readonly string[], from: number): AsyncGenerator<Buffer> {
  let skip = from
  for (const file of files)
    for await (const piece of createReadStream(file)) {
      const bytes = Buffer.from(piece)
      if (skip < bytes.length) yield bytes.subarray(skip)
      skip = Math.max(0, skip - bytes.length)
    }
}

/** The real API's name of what is asked. */
function operationOf(method: string, isObject: boolean, query: URLSearchParams): string {
  const flag = flags.find((flag) => query.has(flag)) ?? ''
  return table[`${method} ${isObject ? 'object' : 'bucket'} ${flag}`.trim()] ?? 'Unknown'
}

const flags = [
  'versioning',
  'lifecycle',
  'versions',
  'uploads',
  'partNumber',
  'uploadId',
  'retention',
  'legal-hold',
  'versionId',
]

const table: { readonly [asked: string]: string | undefined } = {
  'PUT bucket': 'CreateBucket',
  'HEAD bucket': 'HeadBucket',
  'DELETE bucket': 'DeleteBucket',
  'GET bucket versioning': 'GetBucketVersioning',
  'PUT bucket versioning': 'PutBucketVersioning',
  'GET bucket lifecycle': 'GetBucketLifecycle',
  'PUT bucket lifecycle': 'PutBucketLifecycle',
  'DELETE bucket lifecycle': 'DeleteBucketLifecycle',
  'GET bucket versions': 'ListObjectVersions',
  'GET bucket uploads': 'ListMultipartUploads',
  'PUT object': 'PutObject',
  'GET object': 'GetObject',
  'GET object versionId': 'GetObject',
  'HEAD object': 'HeadObject',
  'HEAD object versionId': 'HeadObject',
  'DELETE object': 'DeleteObject',
  'DELETE object versionId': 'DeleteObjectVersion',
  'PUT object retention': 'PutObjectRetention',
  'PUT object legal-hold': 'PutObjectLegalHold',
  'POST object uploads': 'CreateMultipartUpload',
  'PUT object partNumber': 'UploadPart',
  'POST object uploadId': 'CompleteMultipartUpload',
  'DELETE object uploadId': 'AbortMultipartUpload',
}

/** Its sum stays as it was told: that is how the loss is found. */
function harmed(
  folder: string,
  version: Version,
  change: (bytes: Buffer) => Buffer | null,
): readonly Version[] {
  const bytes = change(Buffer.concat(version.files.map((file) => readFileSync(file))))
  if (bytes === null) return []
  const file = join(folder, `harmed-${randomBytes(8).toString('hex')}`)
  writeFileSync(file, bytes)
  return [{ ...version, files: [file], size: bytes.length }]
}

function flipBit(file: string): void {
  const bytes = readFileSync(file)
  if (bytes.length === 0) return
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0)
  writeFileSync(file, bytes)
}
