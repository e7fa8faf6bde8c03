/** Containers come and go; their volumes do not. */
import { tool } from '../tool.ts'
import type { Rule } from '../tool.ts'
import { data, gone } from './rows.ts'
import type { Rows } from './rows.ts'

const compose = (): readonly Rule[] => [
  data('down', 'takes volumes with their data away', { only: '-v --volumes' }),
  data('rm', 'takes volumes with their data away', { only: '-v --volumes' }),
]
const docker = (): readonly Rule[] => [
  data('volume rm|remove|prune', 'takes volumes with their data away'),
  data('system prune', 'takes volumes with their data away', { only: '--volumes' }),
  data('container rm|remove', 'takes a container with its volumes away', { only: '-v --volumes' }),
  data('rm', 'takes a container with its volumes away', { only: '-v --volumes' }),
  data('compose down', 'takes volumes with their data away', { only: '-v --volumes' }),
  data('compose rm', 'takes volumes with their data away', { only: '-v --volumes' }),
  gone('stack|service|swarm|secret|config rm|remove|leave', 'takes a service of a swarm away', {
    but: '--never',
  }),
]

export const containers: Rows = [
  [
    'docker',
    tool(docker, {
      valued:
        '-H --host -c --context --config -l --log-level --file --project-name --profile --env-file',
      plain: '-D --debug',
    }),
  ],
  ...['podman', 'nerdctl'].map(
    (name) =>
      [
        name,
        tool(
          () => [
            ...docker(),
            data('system reset', 'takes every container, image and volume away'),
            data('machine rm', 'takes a machine with all on it away'),
          ],
          { valued: '--url --connection --root -n --namespace' },
        ),
      ] as const,
  ),
  ...['docker-compose', 'podman-compose'].map(
    (name) =>
      [
        name,
        tool(compose, {
          valued: '--file -p --project-name --profile --env-file --project-directory',
          instead: 'leave the volumes: without `-v`',
        }),
      ] as const,
  ),
  [
    'minikube',
    tool(() => [gone('delete', 'takes a local cluster away', { only: '--all --purge' })], {
      valued: '-p --profile',
    }),
  ],
]
