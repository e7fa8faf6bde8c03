/** Where code and money live: repositories, releases, protections, a live account. */
import { rule, tool } from '../tool.ts'
import { data, gone, guard, key, named, over, tells } from './rows.ts'
import type { Rows } from './rows.ts'

export const forges: Rows = [
  ...named(
    'stripe',
    tool(
      () => [
        data('*', 'takes what lives in the account away', {
          only: '--live',
          like: /^(delete|cancel)$/,
        }),
        data('delete', 'takes an object away', { only: '--live' }),
      ],
      { valued: '--api-key -p --project-name -d --data --stripe-account' },
    ),
  ),
  ...named(
    'gh',
    tool(
      () => [
        gone('repo delete', 'takes a repository with its issues away'),
        rule('repo archive', ['destroy', 'outage'], 'stops work on a repository'),
        over('repo edit', 'lets everybody see it', { like: /^public$/, only: '--visibility' }),
        over('release delete', 'takes a release away'),
        data('release delete-asset', 'takes a file of a release away'),
        key('secret delete|remove', 'takes a secret away'),
        key('variable delete|remove', 'takes a variable away', { only: '--env -e --org -o' }),
        data('issue delete', 'takes an issue away'),
        gone('codespace delete', 'takes a machine with what is not pushed away', {
          only: '--all -f --force',
        }),
        tells('auth token', 'prints a token'),
        tells('auth status', 'prints a token', { only: '-t --show-token' }),
        over('repo sync', 'writes over a branch', { only: '--force' }),
        guard('ruleset|api', 'takes a protection away', {
          like: /(branches\/[^/]+\/protection|rulesets\/)/,
          only: '-X=DELETE --method=DELETE',
        }),
        gone('api', 'takes away by the API', { only: '-X=DELETE --method=DELETE' }),
        data('gist delete', 'takes a gist away'),
        data('cache delete', 'takes caches away', { only: '--never' }),
      ],
      {
        valued:
          '-R --repo -X --method -f --raw-field -F --field -H --header --input -q --jq -t --template --visibility -e --env -o --org -a --app --hostname',
      },
    ),
  ),
  ...named(
    'glab',
    tool(
      () => [
        gone('repo delete', 'takes a repository away'),
        over('release delete', 'takes a release away'),
        key('variable delete', 'takes a variable away'),
        gone('api', 'takes away by the API', { only: '-X=DELETE --method=DELETE' }),
      ],
      { valued: '-R --repo -X --method -g --group' },
    ),
  ),
]
