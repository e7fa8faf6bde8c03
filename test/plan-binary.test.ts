/** A plan's file read without terraform: what it takes away is told, and what is not exactly a plan is not believed. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { explainLine } from '../src/app/explain.ts'
import { loadPolicy } from '../src/app/policies.ts'
import { readPlanFile } from '../src/classify/payload-plan.ts'
import { readBinaryPlan } from '../src/classify/plan/binary.ts'
import { planned } from '../src/classify/plan/change.ts'
import { readShell } from '../src/classify/shell/read.ts'
import type { Policy } from '../src/guard/ports.ts'
import {
  actions,
  block,
  changeOf,
  message,
  number,
  planFile,
  settings,
  varint,
  zip,
} from './plan-file.ts'
import type { Planned } from './plan-file.ts'

const told = (bytes: Buffer): readonly string[] =>
  planned(readBinaryPlan(bytes)).map(({ effect, kinds, name }) =>
    [effect, ...kinds, name].join(' '),
  )
const one = (address: string, action: number, more: Partial<Planned> = {}): Buffer =>
  planFile([{ address, action, ...more }])
const why = (bytes: Buffer): string => {
  const read = readBinaryPlan(bytes)
  return 'why' in read ? read.why : 'it was read'
}
const update = (before: Buffer, after: Buffer): Buffer =>
  one('aws_db_instance.main', actions.update, { values: [before, after] })

test.each<[string, Buffer, readonly string[]]>([
  ['nothing', planFile([]), ['write plan']],
  ['what is made', one('aws_s3_bucket.a', actions.create), ['write plan']],
  ['what is read', one('data.aws_ami.a', actions.read), ['write plan']],
  ['what is left', one('aws_vpc.a', actions.noop), ['write plan']],
  [
    'a database',
    one('aws_db_instance.main', actions.delete),
    ['destroy container delete aws_db_instance.main'],
  ],
  [
    'a volume in a module with a dot in its key',
    one('module.a["x.y"].module.b.aws_ebs_volume.main[0]', actions.deleteThenCreate),
    ['destroy data replace module.a["x.y"].module.b.aws_ebs_volume.main[0]'],
  ],
  [
    'one made before the other goes',
    one('aws_kms_key.a', actions.createThenDelete),
    ['destroy key replace aws_kms_key.a'],
  ],
  [
    'a deposed one',
    one('aws_ebs_volume.a', actions.delete, { deposed: 'deadbeef' }),
    ['destroy data delete aws_ebs_volume.a (deposed)'],
  ],
  [
    'what is forgotten',
    one('aws_db_instance.a', actions.forget),
    ['destroy guard forget aws_db_instance.a'],
  ],
  ['an act that is not known', one('aws_db_instance.a', 4), ['unread plan']],
  [
    'a protection that goes',
    update(settings({ deletion_protection: true }), settings({ deletion_protection: false })),
    ['destroy guard update aws_db_instance.main'],
  ],
  [
    'a protection that comes',
    update(settings({ deletion_protection: false }), settings({ deletion_protection: true })),
    ['write plan'],
  ],
  [
    'no more backups',
    update(settings({ backup_retention_period: 7 }), settings({ backup_retention_period: 0 })),
    ['destroy guard update aws_db_instance.main'],
  ],
])('%s', (_, bytes, wanted) => expect(told(bytes)).toEqual(wanted))

const content = message([{ address: 'aws_db_instance.a', action: actions.delete }])
const harmless = message([])
const named = (name: string, more = {}): Parameters<typeof zip>[0][number] => ({
  name,
  content,
  ...more,
})

test.each<[string, Buffer, string]>([
  ['no ZIP', Buffer.from('{}'), 'it is no plain ZIP'],
  ['an empty file', Buffer.alloc(0), 'it is no plain ZIP'],
  [
    'a comment behind it',
    Buffer.concat([zip([named('tfplan')]), Buffer.from('x')]),
    'it is no plain ZIP',
  ],
  [
    'bytes before it',
    Buffer.concat([Buffer.from('x'), zip([named('tfplan')])]),
    'its ZIP is not whole',
  ],
  ['another file', zip([named('tfstate')]), 'there is no `tfplan` in it'],
  [
    'two plans',
    zip([{ name: 'tfplan', content: harmless }, named('tfplan')]),
    'there is more than one `tfplan` in it',
  ],
  [
    'another name in front of it',
    zip([named('tfplan', { localName: 'tfplam' })]),
    'its ZIP says two things',
  ],
  ['an encrypted one', zip([named('tfplan', { flags: 1 })]), '`tfplan` is encrypted'],
  [
    'another packing',
    zip([named('tfplan', { method: 9 })]),
    'it is packed in a way that is not known',
  ],
  [
    'a bomb that tells its size',
    zip([named('tfplan', { size: 0xfffffff0 })]),
    '`tfplan` is too large',
  ],
  [
    'a bomb that tells a smaller one',
    zip([{ name: 'tfplan', content: Buffer.alloc(50_000_000), size: 10 }]),
    'what is packed in it is damaged',
  ],
  [
    'one that is shorter than it tells',
    zip([named('tfplan', { size: content.length + 1 })]),
    '`tfplan` is damaged',
  ],
  [
    'another format',
    zip([{ name: 'tfplan', content: number(1, 4) }]),
    'its format is 4, and 3 is known',
  ],
  [
    'no format',
    zip([{ name: 'tfplan', content: Buffer.alloc(0) }]),
    'its format is 0, and 3 is known',
  ],
  [
    'two formats',
    zip([{ name: 'tfplan', content: Buffer.concat([number(1, 3), number(1, 3)]) }]),
    'field 1 stands twice',
  ],
  [
    'a plan that failed',
    zip([{ name: 'tfplan', content: message([], number(20, 1)) }]),
    'the plan failed',
  ],
  [
    'acts of a provider',
    zip([{ name: 'tfplan', content: message([], block(30, 'x')) }]),
    'it invokes actions',
  ],
  [
    'a change as a number',
    zip([{ name: 'tfplan', content: message([], number(3, 1)) }]),
    'field 3 has another form',
  ],
  [
    'a change of an earlier format',
    zip([{ name: 'tfplan', content: message([], block(3, block(1, 'module'))) }]),
    'a change is of an earlier format',
  ],
  [
    'a change of nothing',
    zip([{ name: 'tfplan', content: message([], block(3, '')) }]),
    'a change has no address, or says nothing',
  ],
  [
    'a change that says two things',
    zip([
      {
        name: 'tfplan',
        content: message(
          [],
          block(
            3,
            Buffer.concat([changeOf({ address: 'a.b', action: 5 }), block(9, number(1, 1))]),
          ),
        ),
      },
    ]),
    'field 9 stands twice',
  ],
  [
    'an act that says two things',
    zip([
      {
        name: 'tfplan',
        content: message(
          [],
          block(
            3,
            Buffer.concat([
              block(9, Buffer.concat([number(1, 5), number(1, 1)])),
              block(13, 'a.b'),
            ]),
          ),
        ),
      },
    ]),
    'field 1 stands twice',
  ],
  [
    'a number without an end',
    zip([{ name: 'tfplan', content: Buffer.alloc(20, 0xff) }]),
    'a number in it never ends',
  ],
  [
    'a length past everything',
    zip([{ name: 'tfplan', content: Buffer.concat([varint(3 * 8 + 2), varint(2 ** 53 - 1)]) }]),
    'a message is cut off',
  ],
  [
    'a group',
    zip([{ name: 'tfplan', content: Buffer.from([3 * 8 + 3]) }]),
    'a field of it has a form that is not known',
  ],
  [
    'an update of nothing',
    one('aws_x.a', actions.update),
    'an update does not say what was and what will be',
  ],
  [
    'an update of a list',
    update(Buffer.from([0x90]), Buffer.from([0x90])),
    'a value is of a form that is not known',
  ],
  [
    'a value that is cut off',
    update(Buffer.from([0x81, 0xa1]), settings({})),
    'a value is cut off',
  ],
  [
    'a value that goes on',
    update(Buffer.from([0x80, 0xc0]), settings({})),
    'a value goes on after its end',
  ],
  [
    'a value without a bottom',
    update(
      Buffer.concat([
        Buffer.from([0x81, 0xa1, 0x61]),
        Buffer.alloc(100, 0x91),
        Buffer.from([0xc0]),
      ]),
      settings({}),
    ),
    'a value nests too deep',
  ],
])('%s is not read', (_, bytes, wanted) => expect(why(bytes)).toBe(wanted))

test('wherever it is cut off, and whichever byte is another, nothing that goes is missed', () => {
  const whole = one('aws_db_instance.main', actions.delete)
  for (let size = 0; size < whole.length; size += 1)
    expect(told(whole.subarray(0, size))).toEqual(['unread plan'])
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ by
      expect(told(bytes)).not.toEqual(['write plan'])
    }),
    { numRuns: 500 },
  )
})

test('however many there are, each that goes is told', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, 2, 5, 6, 7), { maxLength: 50 }), (all) => {
      const bytes = planFile(all.map((action, nth) => ({ address: `aws_x.a${nth}`, action })))
      const gone = all.filter((action) => action >= 5).length
      expect(told(bytes).filter((line) => line.startsWith('destroy')).length).toBe(gone)
    }),
  )
})

/** As `pulumi preview --save-plan` writes it. */
function saved(resourcePlans: object): Buffer {
  return Buffer.from(JSON.stringify({ manifest: { version: 'v3.100.0' }, resourcePlans }))
}
function urn(type: string, name: string): string {
  return `urn:pulumi:prod::shop::${type}::${name}`
}

const files = {
  tfplan: planFile([{ address: 'aws_s3_bucket.a', action: actions.create }]),
  bad: planFile([
    { address: 'aws_db_instance.main', action: actions.delete },
    { address: 'aws_kms_key.k', action: actions.deleteThenCreate },
  ]),
  'infra/tfplan': planFile([{ address: 'aws_s3_bucket.a', action: actions.create }]),
  broken: Buffer.from('nothing'),
  'kept.json': saved({ [urn('aws:s3/bucket:Bucket', 'a')]: { steps: ['create'] } }),
  'infra/kept.json': saved({}),
  'gone.json': saved({ [urn('aws:rds/instance:Instance', 'main')]: { steps: ['delete'] } }),
  'not.json': Buffer.from('{"steps":[]}'),
}

function shell(command: string): string {
  const found = readShell(command, {
    cwd: null,
    readers: {
      sql: () => [],
      graphql: () => [],
      file: () => null,
      plan: (path) => {
        const bytes = new Map<string, Buffer>(Object.entries(files)).get(path)
        return bytes === undefined ? null : readPlanFile(bytes)
      },
    },
  })
  const grave = found.filter(({ effect }) => effect !== 'write' && effect !== 'read')
  return [...new Set(grave.map(({ effect, kinds }) => [effect, ...kinds].join(' ')))].join(', ')
}

test.each([
  ['terraform apply tfplan', ''],
  ['tofu apply -auto-approve tfplan', ''],
  ['terraform apply -input=false -lock-timeout 5s tfplan', ''],
  ['cd infra && terraform apply tfplan', ''],
  ['terraform -chdir=infra apply tfplan', ''],
  ['terraform apply bad', 'destroy container key'],
  ['/usr/local/bin/terraform apply "bad"', 'destroy container key'],
  ['terraform apply broken', 'unread'],
  ['terraform apply nowhere', 'unread'],
  ['terraform apply "$PLAN"', 'unread'],
  ['terraform apply tf*', 'unread'],
  ['terraform apply tfplan bad', 'unread'],
  ['terraform apply -unheard tfplan', 'unread'],
  ['terraform plan -out=tfplan && terraform apply tfplan', 'unread'],
  ['cp bad tfplan; terraform apply tfplan', 'unread'],
  ['cat bad > tfplan && terraform apply tfplan', 'unread'],
  ['cd .. && cd infra && terraform apply tfplan', 'unread'],
  ['cd - && terraform apply tfplan', 'unread'],
  ['cd infra > tfplan && terraform apply tfplan', 'unread'],
  ["bash -c 'terraform apply tfplan'", 'unread'],
  ['env -C infra terraform apply tfplan', 'unread'],
  ['ssh ops terraform apply tfplan', 'unread'],
  ['TF_CLI_ARGS_apply=bad terraform apply tfplan', 'unread'],
  ['terraform apply -destroy -auto-approve', 'destroy container'],
  ['pulumi up --yes --plan kept.json', ''],
  ['pulumi -C infra up --plan=kept.json', ''],
  ['pulumi update --plan gone.json --skip-preview', 'destroy container'],
  ['pulumi up --plan not.json', 'unread'],
  ['pulumi up --plan nowhere', 'unread'],
  ['pulumi up --plan "$PLAN"', 'unread'],
  ['pulumi up --plan kept.json --plan gone.json', 'unread'],
  ['pulumi preview --save-plan kept.json && pulumi up --plan kept.json', 'unread'],
  ['pulumi up --yes', 'destroy overwrite'],
])('`%s`', (command, wanted) => expect(shell(command)).toBe(wanted))

let policy: Policy
beforeAll(async () => {
  policy = await loadPolicy(null)
})

test('explain reads its bytes', () => {
  const ask = (base64: string): unknown =>
    explainLine(JSON.stringify({ id: 1, kind: 'plan', base64 }), policy).line
  expect(ask(files.bad.toString('base64'))).toMatchObject({
    verdict: 'hold',
    operation: 'delete aws_db_instance.main, replace aws_kms_key.k',
  })
  expect(ask(files.tfplan.toString('base64'))).toMatchObject({ verdict: 'allow' })
  expect(ask('?')).toMatchObject({ error: '`base64` is none' })
})
