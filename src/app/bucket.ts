/** The bucket of the config: its credential out of custody, opened when it is first needed, and whoever might attack it. */
import { tmpdir } from 'node:os'
import { FirebreakError } from '../base/error.ts'
import { Secret } from '../base/secret.ts'
import type { Clock } from '../base/clock.ts'
import type { State } from '../guard/ports.ts'
import { keptCredentials } from '../custody/custody.ts'
import type { Attacker } from '../vault/canary.ts'
import { openBucket } from '../vault/s3-bucket.ts'
import type { Bucket, S3Credential, S3Place } from '../vault/s3-bucket.ts'
import { openS3Store } from '../vault/store-s3.ts'
import type { Store } from '../vault/store.ts'
import type { Config } from './config.ts'
import type { Credentials } from './credentials.ts'
import { environment } from './environment.ts'
import { realChance, realClock } from './world.ts'

export type BucketConfig = NonNullable<NonNullable<Config['vault']>['bucket']>

const awsForm = /^(AKIA|ASIA)[A-Z2-7]{16}:/

export interface OpenBucketHouse {
  readonly credential: Credentials
  readonly state: State
  readonly clock: Clock
}

export function placeOf({ name, endpoint, region, prefix }: BucketConfig): S3Place {
  return { bucket: name, region, prefix, endpoint: endpoint ?? null }
}

/** For a person. */
export function sayPlace({ bucket, prefix, endpoint }: S3Place): string {
  return `s3://${bucket}/${prefix}${endpoint === null ? '' : ` at ${endpoint}`}`
}

/** The bucket with its own credential. Throws `custody_locked` where none is kept, `bad_config` where it is of another form. */
export async function openOwn(config: BucketConfig, house: OpenBucketHouse): Promise<Bucket> {
  return await openAs(config, config.credential, house)
}

/**
 * The bucket as each of those who could hold a credential of its service: its own, those that the config names, and every one in
 * custody that has the form of an AWS key.
 */
export async function attackersOf(
  config: BucketConfig,
  house: OpenBucketHouse,
): Promise<readonly Attacker[]> {
  const named = new Set([config.credential, ...config.attackers])
  const kept = await house.state.transact(keptCredentials)
  const formed: string[] = []
  for (const { id } of kept)
    if (awsForm.test((await house.credential.of(id)).reveal()) && !named.has(id)) formed.push(id)
  const attackers: Attacker[] = []
  for (const name of [...named, ...formed]) {
    const bucket = await openAs(config, name, house)
    attackers.push({ name, bucket, perhaps: !named.has(name) })
  }
  return attackers
}

async function openAs(
  config: BucketConfig,
  name: string,
  { credential, clock }: OpenBucketHouse,
): Promise<Bucket> {
  return await openBucket(placeOf(config), s3Credential(name, await credential.of(name)), clock)
}

/** `KEY_ID:SECRET`, with `:SESSION_TOKEN` behind where it is a passing one. */
function s3Credential(name: string, text: Secret): S3Credential {
  const [id = '', secret = '', session, ...more] = text.reveal().split(':')
  if (id !== '' && secret !== '' && more.length === 0)
    return { id, secret: new Secret(secret), session: session ? new Secret(session) : null }
  throw new FirebreakError(
    'bad_config',
    `what custody keeps as \`${name}\` is no credential of a bucket`,
    `add it as one line: KEY_ID:SECRET`,
  )
}

/**
 * A bucket with no config: `s3://BUCKET/PREFIX`, and region, endpoint and credential from where all of AWS's tools take them.
 * Throws `bad_input` where one is missing.
 */
export async function openBucketAlone(store: string): Promise<Store> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(store) ?? []
  const id = environment('AWS_ACCESS_KEY_ID')
  const secret = environment('AWS_SECRET_ACCESS_KEY')
  const session = environment('AWS_SESSION_TOKEN')
  if (bucket === '' || id === null || secret === null)
    throw new FirebreakError(
      'bad_input',
      `\`${store}\` needs a credential`,
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION or AWS_ENDPOINT_URL_S3 where it is not AWS in us-east-1',
    )
  const endpoint = environment('AWS_ENDPOINT_URL_S3') ?? environment('AWS_ENDPOINT_URL')
  const region = environment('AWS_REGION') ?? environment('AWS_DEFAULT_REGION') ?? 'us-east-1'
  const opened = await openBucket(
    { bucket, prefix, endpoint, region },
    { id, secret: new Secret(secret), session: session === null ? null : new Secret(session) },
    realClock,
  )
  return await openS3Store(opened, {
    keepMs: 0,
    spool: tmpdir(),
    clock: realClock,
    chance: realChance,
    staleMs: Infinity,
  })
}

/** Names in custody that are no target's. */
export function bucketCredentials({ vault }: Config): readonly string[] {
  return vault?.bucket === undefined ? [] : [vault.bucket.credential, ...vault.bucket.attackers]
}
