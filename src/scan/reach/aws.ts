/**
 * What an AWS key can do: who it is (STS GetCallerIdentity, which every key may ask), and, where IAM lets it ask, what IAM's own simulator says
 * of the acts that lose things (SimulatePrincipalPolicy, a read). https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
import type { Ask, Heard } from './ask.ts'
import { toldOf, troubleOf } from './provider.ts'
import type { Credential, Provider } from './provider.ts'
import { silent } from './reach.ts'
import type { Power, Reach, Thing } from './reach.ts'
import { familyOf } from './rest.ts'
import { signed } from './sigv4.ts'
import type { AwsKey } from './sigv4.ts'

const sts = { host: 'sts.amazonaws.com', service: 'sts', region: 'us-east-1' } as const
const iam = { host: 'iam.amazonaws.com', service: 'iam', region: 'us-east-1' } as const
/** Clouds of AWS with keys of their own (Amazon's "AWS service endpoints", STS): each says of another's that it is none. */
const elsewhere = [
  { host: 'sts.cn-north-1.amazonaws.com.cn', service: 'sts', region: 'cn-north-1' },
  { host: 'sts.us-gov-west-1.amazonaws.com', service: 'sts', region: 'us-gov-west-1' },
] as const

/** An act, and what it does to which family of things. */
const acts: readonly (readonly [action: string, does: Power['does'], family: string])[] = [
  ['rds:DeleteDBInstance', 'destroys', 'databases'],
  ['rds:DeleteDBSnapshot', 'destroys', 'database snapshots'],
  ['dynamodb:DeleteTable', 'destroys', 'tables'],
  ['s3:DeleteBucket', 'destroys', 'buckets'],
  ['s3:DeleteObject', 'destroys', 'buckets'],
  ['s3:DeleteObjectVersion', 'destroys', 'bucket versions'],
  ['ec2:DeleteVolume', 'destroys', 'volumes'],
  ['ec2:TerminateInstances', 'destroys', 'volumes'],
  ['ec2:DeleteSnapshot', 'destroys', 'volume snapshots'],
  ['elasticfilesystem:DeleteFileSystem', 'destroys', 'file systems'],
  ['backup:DeleteRecoveryPoint', 'destroys', 'recovery points'],
  ['kms:ScheduleKeyDeletion', 'destroys', 'encryption keys'],
  ['cloudformation:DeleteStack', 'destroys', 'stacks'],
  ['iam:CreateAccessKey', 'mints', ''],
  ['iam:AttachUserPolicy', 'mints', ''],
  ['iam:PassRole', 'mints', ''],
  ['ec2:StopInstances', 'changes', ''],
  ['s3:GetObject', 'reads', ''],
  ['secretsmanager:GetSecretValue', 'reads', ''],
]

export const aws: Provider = {
  name: 'aws',
  hosts: (credential) =>
    keyOf(credential) === null ? null : [sts.host, iam.host, ...elsewhere.map(({ host }) => host)],
  asks: 'who it is, and what the simulator of IAM says of the acts that lose things',
  reach: async (credential, ask) => {
    const key = keyOf(credential)
    if (key === null) return silent('the other half of the key is not beside it')
    const who = await call(ask, key, sts, form('2011-06-15', 'GetCallerIdentity'))
    if (isUnknown(who)) return await ofAnother(ask, key)
    if (who.status === 401 || who.status === 403) return unfit(who)
    const arn = inTag(who.text, 'Arn')
    const account = inTag(who.text, 'Account')
    if (who.status !== 200 || !/^\d{12}$/.test(account)) return silent(troubleOf(who, sts.host))
    if (arn.endsWith(':root')) return all(account, 'the root of the account')
    return await simulated(ask, key, { arn, account })
  },
}

/** An id and a secret that stand in one file; more than one of either, and nobody knows which goes with which. */
function keyOf({ rule, secret, beside }: Credential): AwsKey | null {
  const every = [{ rule, secret }, ...beside]
  const ids = every.filter((each) => each.rule === 'aws-access-key')
  const secrets = every.filter((each) => each.rule === 'aws-secret-key')
  const [id, key] = [ids[0], secrets[0]]
  if (id === undefined || key === undefined || ids.length > 1 || secrets.length > 1) return null
  const session = every.find((each) => each.rule === 'aws-cli')?.secret ?? null
  // A temporary key is none without its session.
  const isTemporary = id.secret.reveal().startsWith('ASIA')
  if (isTemporary && session === null) return null
  return { id: id.secret.reveal(), secret: key.secret, session: isTemporary ? session : null }
}

function form(version: string, action: string, more: readonly [string, string][] = []): string {
  return new URLSearchParams([['Action', action], ['Version', version], ...more]).toString()
}

async function call(
  ask: Ask,
  key: AwsKey,
  { host, service, region }: typeof sts | typeof iam | (typeof elsewhere)[number],
  body: string,
): Promise<Heard> {
  const headers = signed(key, { host, service, region, body, now: new Date() })
  return await ask({ host, path: '/', method: 'POST', headers, body })
}

function inTag(text: string, tag: string): string {
  return new RegExp(`<${tag}>([^<]{1,500})</${tag}>`).exec(text)?.[1] ?? ''
}

/** The outermost members of a list, without those of the lists in them: what a policy matched by is such a list. */
function membersOf(text: string): readonly string[] {
  const members: string[] = []
  let depth = 0
  for (const part of text.split(/(<\/?member>)/))
    if (part === '<member>') {
      depth += 1
      if (depth === 1) members.push('')
    } else if (part === '</member>') depth -= 1
    else if (depth === 1) members.push(`${members.pop() ?? ''}${part}`)
  return members
}

function unfit(heard: Heard): Reach {
  const code = inTag(heard.text, 'Code')
  // A wrong half, or a clock that is wrong, says nothing of the key (IAM's guide, "Troubleshoot Signature Version 4 signing").
  if (code === 'SignatureDoesNotMatch')
    return silent(`${sts.host} says that the two halves are not of one key, or this clock is wrong`)
  return code === 'ExpiredToken'
    ? { kind: 'dead', why: `${sts.host} says ${code}` }
    : silent(troubleOf(heard, sts.host))
}

const isUnknown = ({ status, text }: Heard): boolean =>
  (status === 401 || status === 403) && inTag(text, 'Code') === 'InvalidClientTokenId'

/** Dead where no cloud of AWS knows it. What one in China or for the government may do is not asked: it counts as everything. */
async function ofAnother(ask: Ask, key: AwsKey): Promise<Reach> {
  for (const place of elsewhere) {
    const heard = await call(ask, key, place, form('2011-06-15', 'GetCallerIdentity'))
    if (!isUnknown(heard))
      return silent(
        heard.status === 200
          ? `it is of ${place.host}, where no more is asked`
          : `${sts.host} does not know it, and ${troubleOf(heard, place.host)}`,
      )
  }
  return { kind: 'dead', why: 'no cloud of AWS knows it' }
}

/** Whom a policy is of: a session of a role is asked about as its role. */
const sourceOf = (arn: string): string =>
  arn.replace(/^arn:(aws[\w-]*):sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:$1:iam::$2:role/$3')

async function simulated(
  ask: Ask,
  key: AwsKey,
  { arn, account }: { readonly arn: string; readonly account: string },
): Promise<Reach> {
  const names = acts.map(([action], at): [string, string] => [
    `ActionNames.member.${at + 1}`,
    action,
  ])
  const asked: [string, string][] = [
    ['PolicySourceArn', sourceOf(arn)],
    ['MaxItems', '100'],
    ...names,
  ]
  const who = arn.split(':').slice(5).join(':')
  const { decisions, trouble } = await decided(ask, key, asked)
  if (trouble !== null)
    return toldOf(`aws ${account}`, who, { unknown: [`its rights: ${trouble}`] })
  const unsaid = acts.filter(([action]) => !decisions.has(action)).length
  const may = acts.filter(([action]) => decisions.get(action) === 'allowed')
  if (may.length === acts.length) return all(account, who)
  return toldOf(`aws ${account}`, who, {
    things: thingsOf(may),
    powers: may.map(powerOf),
    unknown: [
      ...(unsaid > 0 ? [`${unsaid} of the acts that were asked about`] : []),
      // Whoever may give rights can give them to itself.
      ...(may.some(([action]) => action === 'iam:AttachUserPolicy')
        ? ['it can give itself more rights']
        : []),
    ],
  })
}

/** The simulator may answer in parts: `IsTruncated` and a `Marker` to go on from. */
async function decided(
  ask: Ask,
  key: AwsKey,
  asked: [string, string][],
): Promise<{ readonly decisions: ReadonlyMap<string, string>; readonly trouble: string | null }> {
  const decisions = new Map<string, string>()
  let marker = ''
  for (let part = 0; part < acts.length; part += 1) {
    const more: [string, string][] = marker === '' ? asked : [...asked, ['Marker', marker]]
    const heard = await call(ask, key, iam, form('2010-05-08', 'SimulatePrincipalPolicy', more))
    if (heard.status !== 200) return { decisions, trouble: troubleOf(heard, iam.host) }
    for (const member of membersOf(heard.text))
      decisions.set(inTag(member, 'EvalActionName'), inTag(member, 'EvalDecision'))
    marker = inTag(heard.text, 'Marker')
    if (inTag(heard.text, 'IsTruncated') !== 'true' || marker === '') break
  }
  return { decisions, trouble: null }
}

const all = (account: string, who: string): Reach =>
  toldOf(`aws ${account}`, who, {
    isBlanket: true,
    things: thingsOf(acts),
    powers: acts.map(powerOf),
  })

/** Families, not things: what is there is not listed. */
function thingsOf(may: typeof acts): readonly Thing[] {
  const families = new Set(may.map(([, , family]) => family).filter((family) => family !== ''))
  return [...families].map((family) => familyOf('all', 'data', family))
}

const powerOf = ([operation, does, family]: (typeof acts)[number]): Power => ({
  operation,
  does,
  on: family === '' ? [] : [`all/${family}`],
})
