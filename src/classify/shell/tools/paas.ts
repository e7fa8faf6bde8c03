/** Platforms that run programs and keep their data: what their own command lines take away. */
import { rule, tool } from '../tool.ts'
import { backup, data, gone, guard, key, name, named, over, tells } from './rows.ts'
import type { Rows } from './rows.ts'

const instead = 'ask for the backup first, or for a person who owns the account'

export const paas: Rows = [
  ...named(
    'railway',
    tool(
      () => [
        data('volume delete|rm|remove', 'takes a volume with its data and its backups away'),
        data('volume detach', 'takes a volume from the service that lives on it'),
        gone('delete', 'takes a project with all that it holds away'),
        gone('project delete|rm|remove', 'takes a project with all that it holds away'),
        gone('service delete|rm|remove', 'takes a service away'),
        gone(
          'environment|env delete|rm|remove',
          'takes an environment with all that it holds away',
        ),
        gone('down', 'takes the newest deployment away'),
        name('domain delete|rm|remove', 'gives a domain up that others can take'),
        key('variable|variables|vars delete|rm', 'takes a variable away'),
        tells('variables|variable|vars', 'prints secrets', { only: '--kv -k --json' }),
        tells('variables|variable|vars', 'prints secrets', { most: 0, but: '--set' }),
        tells('connect', 'opens a shell of a database', { only: '--never' }),
      ],
      {
        valued:
          '-s --service -e --environment -p --project -v --volume --set -w --workspace -m --message',
        instead,
      },
    ),
  ),
  ...named(
    'fly flyctl',
    tool(
      () => [
        gone('apps|app destroy|delete', 'takes an app with its machines and volumes away'),
        gone('destroy', 'takes an app with its machines and volumes away'),
        data(
          'volumes|volume|vol destroy|delete|rm',
          'takes a volume with its data and snapshots away',
        ),
        gone('machine|machines|m destroy|remove|rm', 'takes a machine with what lies on it away'),
        gone('postgres|pg|mpg destroy|detach', 'takes a database away from what lives on it'),
        gone('redis destroy|delete', 'takes a store with its data away'),
        gone('storage|tigris destroy|delete', 'takes a bucket with its data away'),
        gone('ext|extensions * destroy', 'takes a store with its data away'),
        key('secrets unset', 'takes secrets away'),
        rule('scale count', ['destroy', 'outage'], 'scales to nothing', { like: /^(0|\w+=0)$/ }),
        name('ips release', 'gives an address up that others can take'),
        key('certs remove|delete', 'takes a certificate away'),
        rule(
          'orgs delete|remove',
          ['destroy', 'account'],
          'takes an organisation, or somebody in it, away',
        ),
        tells('tokens create|deploy', 'makes a token'),
      ],
      {
        valued:
          '-a --app -c --config -r --region -o --org -t --access-token -i --image --vm-size -n --size -g --process-group',
      },
    ),
  ),
  ...named(
    'render',
    tool(
      () => [
        gone(
          'services|postgres|kv|redis|disks|projects|environments delete|destroy',
          'takes a service, database or disk away',
        ),
        rule('services suspend', ['destroy', 'outage'], 'stops a service'),
      ],
      { valued: '-o --output --confirm-x -r --resources' },
    ),
  ),
  ...named(
    'heroku',
    tool(
      () => [
        gone('apps:destroy|apps:delete|destroy', 'takes an app with its add-ons away'),
        gone('addons:destroy|addons:remove|addons:detach', 'takes an add-on with its data away'),
        data('pg:reset|pg:killall', 'drops everything in the database', { like: /./ }),
        over('pg:push|pg:copy|pg:backups:restore|pg:promote', 'writes a database over'),
        backup('pg:backups:delete|pg:backups:unschedule', 'takes a backup, or its schedule, away'),
        gone(
          'redis:destroy|kafka:topics:destroy|container:rm|pipelines:destroy|spaces:destroy|teams:destroy',
          'takes what holds data away',
        ),
        gone('releases:rollback|rollback', 'puts older code in production'),
        key('config:unset', 'takes a variable away'),
        tells('config|config:get', 'prints secrets'),
        name('domains:remove|domains:clear', 'gives a domain up that others can take'),
        rule('ps:scale|ps:stop', ['destroy', 'outage'], 'stops what runs', { like: /=0$/ }),
        rule(
          'access:remove|members:remove',
          ['destroy', 'account'],
          'takes somebody’s access away',
        ),
        tells('authorizations:create|auth:token', 'gives a token out'),
      ],
      { valued: '-a --app -r --remote -c --confirm -t --team -s --space' },
    ),
  ),
  ...named(
    'vercel vc',
    tool(
      () => [
        gone('remove|rm', 'takes deployments, or a project, away', { but: '--safe -s' }),
        gone('project|projects rm|remove', 'takes a project away'),
        key('env rm|remove', 'takes a variable away'),
        name('domains rm|remove', 'gives a domain up'),
        name('alias rm|remove', 'takes a name from what it leads to'),
        name('dns rm|remove', 'takes a record of a domain away'),
        gone('blob store remove|delete|rm', 'takes a store with its files away'),
        data('blob del|delete', 'takes files out of a store'),
        gone('integration-resource|ir remove|rm', 'takes a database or store away'),
        rule('teams|team rm|remove', ['destroy', 'account'], 'takes a team away'),
        over('rollback', 'puts older code in production'),
        tells('env pull', 'writes secrets into a file', { only: '--environment=production' }),
      ],
      {
        valued:
          '-t --token -S --scope -T --team -A --local-config -Q --global-config --cwd --environment',
      },
    ),
  ),
  ...named(
    'netlify ntl',
    tool(
      () => [
        gone('sites:delete', 'takes a site away'),
        key('env:unset', 'takes a variable away'),
        data('blobs:delete', 'takes what is stored away'),
        gone('db:delete|db:drop', 'takes a database away'),
        tells('env:list|env:get', 'prints secrets', { only: '--plain --json' }),
      ],
      { valued: '--auth --filter --context --scope -s --site' },
    ),
  ),
  ...named(
    'wrangler',
    tool(
      () => [
        gone('delete', 'takes a worker away'),
        gone('d1 delete', 'takes a database away'),
        over('d1 time-travel restore', 'writes a database over with an older state'),
        data('d1 execute', 'runs SQL that takes data away', {
          like: /\b(drop|truncate|delete\s+from(?!.*\bwhere\b))\b/i,
          but: '--local',
        }),
        gone('r2 bucket delete', 'takes a bucket away'),
        data('r2 object delete', 'takes an object away'),
        guard(
          'r2 bucket lifecycle|lock|cors remove|clear|delete',
          'takes a rule that keeps data away',
        ),
        gone('kv namespace|kv:namespace delete', 'takes a store with its keys away'),
        data('kv key|bulk|kv:key|kv:bulk delete', 'takes keys away'),
        gone(
          'queues|vectorize|hyperdrive|pipelines|workflows delete',
          'takes what holds data away',
        ),
        data('queues purge', 'takes all messages away'),
        gone('pages project delete', 'takes a site away'),
        key('secret delete', 'takes a secret away'),
        over('rollback', 'puts older code in production'),
      ],
      { valued: '-c --config -e --env --name --command --file --account-id' },
    ),
  ),
]
