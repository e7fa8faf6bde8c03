/** Plans read for what they take away, by table; and by property that nothing which is deleted goes unseen. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPlan } from '../src/classify/plan/read.ts'

const change = (type: string, actions: readonly string[], more: object = {}): object => ({
  address: `${type}.main`,
  mode: 'managed',
  type,
  name: 'main',
  change: { actions, before: {}, after: {}, ...more },
})
const terraform = (...changes: readonly object[]): string =>
  JSON.stringify({ format_version: '1.2', terraform_version: '1.9.0', resource_changes: changes })
const pulumi = (...steps: readonly object[]): string => JSON.stringify({ config: {}, steps })
const urn = (type: string): string => `urn:pulumi:prod::shop::${type}::main`
const told = (text: string): readonly string[] =>
  readPlan(text).operations.map(({ effect, kinds, name }) => [effect, ...kinds, name].join(' '))

const savedPlans: readonly (readonly [string, object, string[]])[] = [
  ['nothing', {}, ['write plan']],
  ['what is made', { [urn('aws:s3/bucket:Bucket')]: { steps: ['create'] } }, ['write plan']],
  [
    'what is replaced',
    {
      [urn('aws:ebs/volume:Volume')]: {
        steps: ['create-replacement', 'replace', 'delete-replaced'],
      },
    },
    ['destroy data replace main'],
  ],
  [
    'a protection that goes',
    {
      [urn('aws:rds/instance:Instance')]: {
        goal: { inputDiff: { updates: { backupRetentionPeriod: 0 } } },
        steps: ['update'],
      },
    },
    ['destroy guard update main'],
  ],
  ['an act that is not known', { [urn('x')]: { steps: ['obliterate'] } }, ['unread plan']],
  [
    'a member in other letters',
    { [urn('x')]: { steps: ['same'], Steps: ['delete'] } },
    ['unread plan'],
  ],
  [
    'a protection that is taken out',
    {
      [urn('aws:rds/instance:Instance')]: {
        goal: { inputDiff: { deletes: ['deletionProtection'] } },
        steps: ['update'],
      },
    },
    ['destroy guard update main'],
  ],
  ['without its acts', { [urn('x')]: {} }, ['unread plan']],
]

test.each<[string, string, readonly string[]]>([
  ['nothing', terraform(), ['write plan']],
  [
    'what is made, read and left',
    terraform(
      change('aws_s3_bucket', ['create']),
      change('aws_ami', ['read']),
      change('aws_vpc', ['no-op']),
    ),
    ['write plan'],
  ],
  [
    'a database',
    terraform(change('aws_db_instance', ['delete'])),
    ['destroy container delete aws_db_instance.main'],
  ],
  [
    'a volume that is replaced',
    terraform(change('aws_ebs_volume', ['delete', 'create'])),
    ['destroy data replace aws_ebs_volume.main'],
  ],
  [
    'one that is replaced in the other order',
    terraform(change('google_sql_database_instance', ['create', 'delete'])),
    ['destroy container replace google_sql_database_instance.main'],
  ],
  [
    'a bucket',
    terraform(change('google_storage_bucket', ['delete'])),
    ['destroy data delete google_storage_bucket.main'],
  ],
  [
    'a snapshot',
    terraform(change('aws_db_snapshot', ['delete'])),
    ['destroy backup delete aws_db_snapshot.main'],
  ],
  ['a key', terraform(change('aws_kms_key', ['delete'])), ['destroy key delete aws_kms_key.main']],
  [
    'a record',
    terraform(change('aws_route53_record', ['delete'])),
    ['destroy name delete aws_route53_record.main'],
  ],
  [
    'a bucket’s versions',
    terraform(change('aws_s3_bucket_versioning', ['delete'])),
    ['destroy guard delete aws_s3_bucket_versioning.main'],
  ],
  [
    'what is forgotten',
    terraform(change('aws_db_instance', ['forget'])),
    ['destroy guard forget aws_db_instance.main'],
  ],
  [
    'a protection that is taken away',
    terraform(
      change('aws_db_instance', ['update'], {
        before: { deletion_protection: true },
        after: { deletion_protection: false },
      }),
    ),
    ['destroy guard update aws_db_instance.main'],
  ],
  [
    'a protection that is put on',
    terraform(
      change('aws_db_instance', ['update'], {
        before: { deletion_protection: false },
        after: { deletion_protection: true },
      }),
    ),
    ['write plan'],
  ],
  [
    'no more backups',
    terraform(
      change('aws_db_instance', ['update'], {
        before: { backup_retention_period: 7 },
        after: { backup_retention_period: 0 },
      }),
    ),
    ['destroy guard update aws_db_instance.main'],
  ],
  [
    'an act that is not known',
    terraform(change('aws_db_instance', ['obliterate'])),
    ['unread plan'],
  ],
  [
    'a plan that failed',
    JSON.stringify({ format_version: '1.2', errored: true, resource_changes: [] }),
    ['unread plan'],
  ],
  [
    'a plan of another form',
    JSON.stringify({ format_version: '2.0', resource_changes: [] }),
    ['unread plan'],
  ],
  ['no plan', '{}', ['unread plan']],
  ['no JSON', 'PK\u0003\u0004', ['unread plan']],
  [
    'pulumi: what is deleted',
    pulumi({
      op: 'delete',
      urn: urn('aws:rds/instance:Instance'),
      oldState: { type: 'aws:rds/instance:Instance' },
    }),
    ['destroy container delete main'],
  ],
  [
    'pulumi: what is replaced',
    pulumi({
      op: 'replace',
      urn: urn('aws:ebs/volume:Volume'),
      oldState: { type: 'aws:ebs/volume:Volume' },
    }),
    ['destroy data replace main'],
  ],
  [
    'pulumi: what is made',
    pulumi({ op: 'create', urn: urn('aws:s3/bucket:Bucket') }, { op: 'same', urn: urn('x') }),
    ['write plan'],
  ],
  [
    'pulumi: a protection that goes, by its name there',
    pulumi({
      op: 'update',
      urn: urn('aws:rds/instance:Instance'),
      oldState: { type: 'aws:rds/instance:Instance', inputs: { deletionProtection: true } },
      newState: { inputs: { deletionProtection: false } },
    }),
    ['destroy guard update main'],
  ],
  ...savedPlans.flatMap(([name, resourcePlans, wanted]): [string, string, string[]][] => {
    const plan = { manifest: {}, resourcePlans }
    return [
      [`pulumi, saved: ${name}`, JSON.stringify(plan), wanted],
      [
        `pulumi, saved with a version: ${name}`,
        JSON.stringify({ version: 1, plan }),
        wanted,
      ] as const,
    ]
  }),
  [
    'pulumi, saved in a form to come',
    JSON.stringify({ version: 2, plan: { manifest: {} } }),
    ['unread plan'],
  ],
])('%s', (_, text, wanted) => {
  expect(told(text)).toEqual(wanted)
})

test('the digest is of the plan and not of how it is written; another plan has another', () => {
  const one = terraform(change('aws_db_instance', ['delete']))
  const spaced = JSON.stringify(JSON.parse(one), null, 2)
  expect(readPlan(spaced).digest).toBe(readPlan(one).digest)
  expect(readPlan(terraform(change('aws_db_instance', ['update']))).digest).not.toBe(
    readPlan(one).digest,
  )
})

test('however many there are, each that is deleted is told, and what is no text changes nothing', () => {
  const acts = fc.constantFrom<readonly string[]>(
    ['no-op'],
    ['create'],
    ['update'],
    ['delete'],
    ['delete', 'create'],
    ['create', 'delete'],
  )
  fc.assert(
    fc.property(fc.array(acts, { maxLength: 40 }), (all) => {
      const plan = terraform(...all.map((actions) => change('aws_db_instance', actions)))
      const gone = all.filter((actions) => actions.includes('delete')).length
      const found = readPlan(plan).operations.filter(({ effect }) => effect === 'destroy')
      expect(found.length).toBe(gone)
    }),
  )
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(readPlan(text).operations.length).toBeGreaterThan(0)
    }),
  )
})
