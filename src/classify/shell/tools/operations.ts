/** Keepers of gateways, flags, alarms, pipelines and edges: of most, one word takes away. */
import { rule, tool } from '../tool.ts'
import { data, gone, guard, key, named, over } from './rows.ts'
import type { Rows } from './rows.ts'

const takes = tool(
  () => [
    gone('delete', 'takes it away'),
    gone('* delete', 'takes it away'),
    gone('* * delete', 'takes it away'),
    gone('* archive|kill', 'takes it out of use'),
    key('context remove-secret', 'takes a secret away'),
  ],
  {
    valued:
      '-s --service-id --project -p --workspace --namespace --flag --key --id --name --token -t --host -o --org',
  },
)

export const operations: Rows = [
  ...named(
    'fastly circleci flipt ldcli split unleash datadog-ci newrelic pd apigeecli square braintree',
    takes,
  ),
  ...named(
    'splunk',
    tool(() => [
      data('clean', 'takes what was indexed away'),
      data('remove|delete index', 'takes an index away'),
      rule('delete user', ['destroy', 'account'], 'takes a user away'),
    ]),
  ),
  ...named(
    'deck',
    tool(() => [
      over('reset', 'takes every service of the gateway away'),
      over('gateway reset', 'takes every service of the gateway away'),
    ]),
  ),
  ...named(
    'gitlab-runner',
    tool(() => [guard('unregister', 'takes a runner away', { only: '--all-runners' })]),
  ),
  ...named(
    'wrangler',
    tool(() => [
      data('kv:bulk|kv:key|kv:namespace delete', 'takes what is kept under keys away'),
      rule('dns-records delete', ['destroy', 'name'], 'gives a name up'),
    ]),
  ),
  ...named(
    'nsupdate',
    tool(() => [rule('', ['destroy', 'name'], 'changes names of a zone')]),
  ),
]
