/** Incidents that happened, handed to an MCP tool: each meets a person or a no, its harmless twin meets nobody. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { explainLine } from '../../src/app/explain.ts'
import { loadPolicy } from '../../src/app/policies.ts'
import { loadSql } from '../../src/classify/payload-sql.ts'
import { isObject, textOf } from '../../src/base/json.ts'
import type { JsonObject } from '../../src/base/json.ts'
import type { Policy } from '../../src/guard/ports.ts'
import { everything } from '../rig.ts'
import { openMcpRig, resultIn } from './rig.ts'
import type { McpRig } from './rig.ts'

let policy: Policy
beforeAll(async () => {
  await loadSql()
  policy = await loadPolicy(null)
})
let mcp: McpRig | null = null
afterEach(async () => {
  await mcp?.close()
  mcp = null
}, 60_000)

const verdict = (tool: string, args: JsonObject): unknown =>
  explainLine(JSON.stringify({ id: 1, kind: 'mcp', server: 's', tool, arguments: args }), policy)
    .line['verdict']
const shell = (command: string): unknown => verdict('run_command', { command })

test.each([
  ['R13', 'gcloud compute instances delete training-1 --zone us-central1-a'],
  ['R13', 'gcloud memorystore instances delete rsvp --location=asia-south1'],
  ['R13', 'aws ec2 terminate-instances --instance-ids i-1'],
  ['R13', 'aws s3 rm s3://bucket --recursive'],
  ['R13', 'aws iam delete-user --user-name ada'],
  ['R14', 'rm -rf tests/ patches/ plan/ ~/'],
  ['R14', 'rm -rf "$HOME"'],
  ['R14', 'rm -rf *'],
  ['R14', 'rmdir /s /q d:\\'],
  ['R14', String.raw`move * "..\anuraag_xyz project"`],
  ['R15', 'git push --force origin main'],
  ['R15', 'git push --force-with-lease origin main || git push --force origin main'],
  ['R15', 'git -C p push --force'],
  ['R15', 'git push origin +main'],
  ['R15', 'git reset --hard HEAD~1 && git push --force-with-lease'],
  ['R22', 'ssh db1 rm -rf /var/opt/gitlab/postgresql/data'],
  ['R23', 'DCG_BYPASS=1 rm -rf /var/lib/postgresql'],
  ['R23', "PRISMA_USER_CONSENT_FOR_DANGEROUS_AI_ACTION='yes' prisma migrate reset --force"],
  ['R23', 'railway volume delete --volume V --yes'],
  ['R23', `railway api 'mutation{volumeDelete(volumeId:"V")}'`],
])('%s: `%s` in a tool is no plain go', (_, command) => expect(shell(command)).not.toBe('allow'))

test.each([
  ["grep -rn 'rm -rf' ."],
  ['git commit -m "DROP TABLE users is gone"'],
  ['rm -rf /tmp/x'],
  ['aws ec2 run-instances --instance-initiated-shutdown-behavior stop --image-id ami-1'],
  ['gcloud compute instances list'],
  ['git push origin main'],
])('R24: `%s` in a tool meets nobody', (command) => expect(shell(command)).toBe('allow'))

test.each<[string, JsonObject]>([
  ['execute_sql', { query: "SELECT 'DROP TABLE x'" }],
  ['graphql', { query: '{ volumes { id deleted } }' }],
  ['create_file', { path: 'test.sh', content: 'cat <<X\ngit reset --hard\nX' }],
  ['create_issue', { body: 'after `DROP TABLE users` all is gone' }],
])('R24: %s %j meets nobody', (tool, args) => expect(verdict(tool, args)).toBe('allow'))

test('R12: a table that is not in the grant is not read', async () => {
  mcp = await openMcpRig()
  const grant = await mcp.rig.people.mint('agent:support', {
    ...everything,
    resources: ['table/*support_messages'],
  })
  const client = await mcp.client(grant)
  const pair = [
    'select * from integration_tokens',
    'insert into support_messages select token from integration_tokens',
  ]
  for (const query of pair)
    expect(resultIn(await client.call('execute_sql', { query }))).toMatchObject({
      isError: true,
      structuredContent: { verdict: 'deny', findings: [{ rule: 'scope' }] },
    })
  expect(mcp.store.calls).toEqual([])
})

test('R15: after a person’s no, another form of the same push is refused without asking anybody again', async () => {
  mcp = await openMcpRig()
  const grant = await mcp.rig.people.mint('agent:cursor', everything)
  const client = await mcp.client(grant)
  const push = async (command: string): Promise<JsonObject> => {
    const { _meta: meta } = resultIn(await client.call('run_command', { command }))
    const facts = isObject(meta) ? meta['firebreak/problem'] : null
    return isObject(facts) ? facts : {}
  }
  const facts = await push('git push --force origin main')
  if (facts['verdict'] === 'hold')
    await mcp.rig.people.callAs('hold-deny', { id: textOf(facts['holdId']) })
  for (const command of [
    'git -C p push -f',
    'git push origin +main',
    'git push --force origin main',
  ])
    expect(await push(command)).toMatchObject({ verdict: 'deny', retryable: false })
  expect(mcp.store.calls).toEqual([])
})

test.each([
  ['ssh db1 rm -rf /var/opt/gitlab/postgresql/data', 'db1'],
  [
    'ssh -p 22 root@db2.cluster.example "rm -rf /var/opt/gitlab/postgresql/data"',
    'db2.cluster.example',
  ],
])('R22: `%s` is told with the host that it would run on', (command, host) => {
  const { findings } = explainLine(
    JSON.stringify({
      id: 1,
      kind: 'mcp',
      server: 's',
      tool: 'run_command',
      arguments: { command },
    }),
    policy,
  ).line
  expect(JSON.stringify(findings)).toContain(host)
})

test('R13: three destroys in a minute stop the agent, whatever it asks then', async () => {
  mcp = await openMcpRig({ more: 'limits:\n  burst: { count: 3, window: 1m }\n' })
  const grant = await mcp.rig.people.mint('agent:cursor', everything)
  const client = await mcp.client(grant)
  expect(resultIn(await client.call('list_volumes'))['isError']).toBeUndefined()
  for (const volumeId of ['vol-1', 'vol-2', 'vol-3'])
    await client.call('remove_volume', { volumeId, confirm: true })
  expect(resultIn(await client.call('list_volumes'))).toMatchObject({ isError: true })
  expect(JSON.stringify(await client.ask('tools/list'))).toContain('halt')
  expect(mcp.store.volumes.size).toBe(2)
})
