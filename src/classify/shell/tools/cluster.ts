/** Clusters, and what is installed into them. */
import { rule, tool } from '../tool.ts'
import type { Rule } from '../tool.ts'
import { data, gone, guard, over, stops, tells } from './rows.ts'
import type { Rows } from './rows.ts'

const holding =
  'namespace|namespaces|ns|pvc|pvcs|persistentvolumeclaim|persistentvolumeclaims|pv|pvs|persistentvolume|persistentvolumes|statefulset|statefulsets|sts|crd|crds|customresourcedefinition|customresourcedefinitions|volumesnapshot|volumesnapshots|storageclass|sc|node|nodes|cluster|clusters|postgresql|postgresqls|database|databases|backup|backups|all'
const keeping =
  'secret|secrets|configmap|configmaps|cm|serviceaccount|sa|clusterrole|clusterrolebinding|role|rolebinding'
const running =
  'deployment|deployments|deploy|service|services|svc|ingress|ingresses|ing|daemonset|daemonsets|ds|cronjob|cronjobs'
const dry = { but: '--dry-run --dry-run=client --dry-run=server' }
const kubectl = (): readonly Rule[] => [
  tells('config view', 'prints credentials', { only: '--raw' }),
  gone(`delete ${holding}`, 'takes what holds data away', dry),
  rule(`delete ${keeping}`, ['destroy', 'key'], 'takes a secret or a setting away', dry),
  gone(`delete ${running}`, 'takes what runs away', dry),
  gone('delete *', 'takes all of a kind away', { only: '--all', ...dry }),
  // What a controller makes anew at once is no loss; anything else is.
  gone('delete *', 'takes something away', {
    unlike:
      /^(pods?|po|pod\/.*|po\/.*|jobs?|job\/.*|replicasets?|rs|events?|ev|endpoints|ep|leases?|certificatesigningrequests?|csr)(,|$)/,
    ...dry,
  }),
  rule('delete', ['unread'], 'takes away what a file says, which nobody here has read', {
    only: '-f --filename -k --kustomize',
    ...dry,
  }),
  over('replace', 'takes things away and makes them anew', { only: '--force', ...dry }),
  gone('apply', 'takes away what is not in the files', { only: '--prune', ...dry }),
  stops('scale', 'scales to nothing', { only: '--replicas=0' }),
  stops('drain|cordon', 'takes a node out of work', { only: '--never' }),
  data('drain', 'takes what lies on the node away', {
    only: '--delete-emptydir-data --delete-local-data',
    ...dry,
  }),
  over('rollout undo', 'puts older code in production', dry),
  tells('get|describe secret|secrets', 'prints secrets', {
    only: '-o=yaml -o=json --output=yaml --output=json -o --output',
  }),
  tells('create token', 'makes a token'),
  guard('patch', 'has it taken away with its data', {
    like: /finalizers|"?reclaimPolicy"?|Delete/,
    ...dry,
  }),
  guard('label|annotate', 'takes a protection away', { only: '--never' }),
]
const kubectlFlags =
  '-n --namespace --context --kubeconfig --cluster --user -s --server --token --as --as-group -f --filename -k --kustomize -l --selector -o --output --field-selector --replicas -c --container -p --patch --type --grace-period --timeout --cascade --cache-dir --request-timeout -v --dry-run-x'

export const cluster: Rows = [
  ...['kubectl', 'oc', 'k', 'kubecolor'].map(
    (name) =>
      [
        name,
        tool(kubectl, {
          valued: kubectlFlags,
          plain: '--all --force --now -A --all-namespaces --ignore-not-found -R --recursive -w',
          instead: 'show it first: `--dry-run=client`',
        }),
      ] as const,
  ),
  [
    'helm',
    tool(
      () => [
        gone('uninstall|delete|del|un', 'takes a release with what it made away', dry),
        over('rollback', 'puts an older release in production', dry),
        over('upgrade', 'has things taken away and made anew', {
          only: '--force --reset-values',
          ...dry,
        }),
      ],
      {
        valued:
          '-n --namespace --kube-context --kubeconfig -f --values --set --version --timeout --repo',
        plain: '--wait --atomic --debug',
      },
    ),
  ],
  [
    'helmfile',
    tool(() => [gone('destroy|delete', 'takes all releases away')], {
      valued: '-f --file -e --environment -l --selector -n --namespace',
    }),
  ],
  [
    'nomad',
    tool(
      () => [
        gone('job|namespace|volume stop|delete|purge', 'takes a job or volume away', {
          only: '-purge --purge',
        }),
        data('volume delete|deregister', 'takes a volume away'),
        gone('system gc', 'throws away what ended', { only: '--never' }),
      ],
      { isGo: true, valued: '-address -region -namespace -token' },
    ),
  ],
  [
    'velero',
    tool(
      () => [
        rule(
          'backup|schedule|restore|snapshot delete',
          ['destroy', 'backup'],
          'takes backups, or their schedule, away',
        ),
        rule(
          'backup-location|snapshot-location delete',
          ['destroy', 'guard'],
          'forgets where backups lie',
        ),
        gone('uninstall', 'ends the backups'),
      ],
      { valued: '-n --namespace --kubeconfig' },
    ),
  ],
]
