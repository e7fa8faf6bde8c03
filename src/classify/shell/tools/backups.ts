/** Programs that keep backups: what forgets them, ends their keeping, or writes them over what lives. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const gone = 'deletes backups'
const over = 'writes a backup over what lives'
const keep = '--keep-latest --keep-hourly --keep-daily --keep-weekly --keep-monthly --keep-annual'
const instead = 'see first what would go (`--dry-run`)'

const restic = tool(
  () => [
    rule('forget', ['destroy', 'backup'], 'forgets snapshots', { but: '--dry-run -n' }),
    rule('prune', ['destroy', 'backup'], 'deletes what no snapshot needs: no way back then', {
      but: '--dry-run -n',
    }),
    rule('key remove', ['destroy', 'key'], 'takes a key of the repository away'),
    rule('unlock', ['destroy', 'guard'], 'breaks the locks of those at work', {
      only: '--remove-all',
    }),
    rule('rewrite', ['destroy', 'backup'], 'forgets the snapshots that it rewrote', {
      only: '--forget',
      but: '--dry-run -n',
    }),
    rule('repair snapshots', ['destroy', 'backup'], 'forgets the snapshots that it repaired', {
      only: '--forget',
      but: '--dry-run -n',
    }),
    rule('repair packs', ['destroy', 'backup'], 'deletes damaged packs'),
    rule('restore', ['destroy', 'overwrite'], 'deletes what the snapshot does not have', {
      only: '--delete',
      but: '--dry-run -n',
    }),
    rule('restore', ['destroy', 'overwrite'], over, { only: '--target=/ -t=/', but: '--dry-run' }),
  ],
  {
    valued:
      '-r --repo -p --password-file --password-command -H --host --tag --path --keep-tag -l --keep-last -d --keep-daily -w --keep-weekly --keep-hourly -m --keep-monthly -y --keep-yearly --keep-within -g --group-by -o --option --cache-dir --max-unused -t --target -i --include -e --exclude --key-hint',
    instead,
  },
)

const borgFlags =
  '--rsh --lock-wait --remote-path -a --glob-archives --match-archives -P --prefix --first --last --keep-within --keep-last -H --keep-hourly -d --keep-daily -w --keep-weekly -m --keep-monthly -y --keep-yearly -r --repo --threshold -e --exclude --comment'

const borg = tool(
  () => [
    rule('delete|rdelete|repo-delete', ['destroy', 'backup'], gone, { but: '--cache-only' }),
    rule('prune', ['destroy', 'backup'], gone),
    rule('compact', ['destroy', 'backup'], 'makes deletes final', { but: '--dry-run' }),
    rule('recreate', ['destroy', 'backup'], 'rewrites archives'),
    rule('break-lock', ['destroy', 'guard'], 'breaks the locks of those at work'),
    rule('check', ['destroy', 'backup'], 'throws away what it cannot repair', {
      only: '--repair',
    }),
    rule('key remove', ['destroy', 'key'], 'takes a key away'),
    rule('key export', ['expose'], 'writes the key of the repository out'),
  ],
  { valued: borgFlags, shows: '-n --dry-run', instead },
)

const borgmatic = tool(
  () => [
    rule('prune|compact|delete|repo-delete|rdelete|recreate', ['destroy', 'backup'], gone),
    rule('restore', ['destroy', 'overwrite'], over),
  ],
  { valued: '-c --config --repository --archive', shows: '-n --dry-run', instead },
)

const kopia = tool(
  () => [
    rule('snapshot|snap delete|remove|rm|expire', ['destroy', 'backup'], gone, {
      only: '--delete --unsafe-ignore-source',
    }),
    rule('policy set|edit|import', ['destroy', 'guard'], 'changes how long snapshots stay', {
      only: `${keep} --manual --delete-other-policies`,
    }),
    rule('policy delete|remove|rm', ['destroy', 'guard'], 'takes a policy of keeping away'),
    rule(
      'blob|blobs|content|manifest|manifests delete|rm|remove|shrink|gc',
      ['destroy', 'backup'],
      gone,
    ),
    rule('maintenance set', ['destroy', 'guard'], 'changes locks and keeping', {
      only: '--extend-object-locks',
    }),
    rule('maintenance run', ['destroy', 'backup'], 'deletes at once, without its own waiting', {
      only: '--safety=none',
    }),
    rule('repository|repo set-parameters', ['destroy', 'guard'], 'changes retention', {
      only: '--retention-mode --retention-period',
    }),
    rule('users|user|server user delete|remove|rm', ['destroy', 'account'], 'takes a user away'),
  ],
  {
    valued: `--config-file --log-level -p --password --safety --retention-mode --retention-period ${keep}`,
    instead,
  },
)

const duplicity = tool(
  () => [
    rule(
      'remove-older-than|remove-all-but-n-full|remove-all-inc-of-but-n-full|cleanup',
      ['destroy', 'backup'],
      gone,
      { only: '--force' },
    ),
    rule('restore', ['destroy', 'overwrite'], over, { only: '--force' }),
  ],
  { valued: '--encrypt-key --sign-key --archive-dir --name --gpg-options', shows: '--dry-run' },
)

const walG = tool(
  () => [
    rule('delete', ['destroy', 'backup'], gone, { only: '--confirm' }),
    rule('backup-fetch|binlog-replay', ['destroy', 'overwrite'], over),
  ],
  { valued: '--config' },
)

const xtrabackup = tool(() => [
  rule('', ['destroy', 'overwrite'], over, { only: '--copy-back --move-back' }),
])

export const backups: readonly (readonly [string, Tool])[] = [
  ['restic', restic],
  ['rustic', restic],
  ['borg', borg],
  ['borg1', borg],
  ['borg2', borg],
  ['borgmatic', borgmatic],
  ['kopia', kopia],
  ['duplicity', duplicity],
  [
    'duplicati-cli',
    tool(() => [rule('delete|purge|purge-broken-files|compact', ['destroy', 'backup'], gone)], {
      shows: '--dry-run',
    }),
  ],
  [
    'duplicacy',
    tool(
      () => [
        rule('prune', ['destroy', 'backup'], gone, { but: '-dry-run -d' }),
        rule('restore', ['destroy', 'overwrite'], over, { only: '-overwrite -delete' }),
      ],
      { isGo: true, valued: '-r -t -keep -storage -threads' },
    ),
  ],
  [
    'tarsnap',
    tool(
      () => [
        rule('', ['destroy', 'backup'], gone, { only: '-d --nuke' }),
        rule('', ['destroy', 'backup'], gone, { only: '--fsck-prune' }),
      ],
      { valued: '-f --keyfile --cachedir --configfile -C', shows: '--dry-run' },
    ),
  ],
  [
    'rdiff-backup',
    tool(() => [
      rule('', ['destroy', 'backup'], gone, { only: '--remove-older-than' }),
      rule('remove increments', ['destroy', 'backup'], gone),
    ]),
  ],
  [
    'barman',
    tool(
      () => [
        rule('delete', ['destroy', 'backup'], gone),
        rule('recover|restore', ['destroy', 'overwrite'], over),
        rule('keep', ['destroy', 'guard'], 'lets retention take it', { only: '--release -r' }),
      ],
      { valued: '-c --config --target-time --remote-ssh-command' },
    ),
  ],
  [
    'pgbackrest',
    tool(
      () => [
        rule('expire|stanza-delete', ['destroy', 'backup'], gone),
        rule('restore', ['destroy', 'overwrite'], over),
        rule('stop', ['destroy', 'guard'], 'ends the archiving'),
      ],
      { valued: '--stanza --repo --config --set --type --target', shows: '--dry-run' },
    ),
  ],
  ['wal-g', walG],
  ['wal-e', tool(() => [rule('delete', ['destroy', 'backup'], gone, { only: '--confirm' })])],
  ['xtrabackup', xtrabackup],
  ['mariabackup', xtrabackup],
  ['mariadb-backup', xtrabackup],
  [
    'myloader',
    tool(() => [
      rule('', ['destroy', 'overwrite'], over, { only: '-o --overwrite-tables --drop-table' }),
    ]),
  ],
  [
    'timeshift',
    tool(() => [
      rule('', ['destroy', 'backup'], gone, { only: '--delete --delete-all' }),
      rule('', ['destroy', 'overwrite'], over, { only: '--restore' }),
    ]),
  ],
  [
    'snapper',
    tool(
      () => [
        rule('delete|remove|rm|cleanup', ['destroy', 'backup'], 'deletes snapshots'),
        rule('delete-config', ['destroy', 'backup'], 'deletes snapshots and their schedule'),
        rule('rollback|undochange', ['destroy', 'overwrite'], 'puts an older state in its place'),
      ],
      { valued: '-c --config -t' },
    ),
  ],
  [
    'btrbk',
    tool(() => [rule('clean|prune', ['destroy', 'backup'], gone)], { shows: '-n --dry-run' }),
  ],
  [
    'proxmox-backup-client',
    tool(() => [
      rule('snapshot forget', ['destroy', 'backup'], gone),
      rule('forget|prune', ['destroy', 'backup'], gone, { but: '--dry-run' }),
    ]),
  ],
  [
    'tmutil',
    tool(() => [
      rule('delete|deletelocalsnapshots|deleteinprogress', ['destroy', 'backup'], gone),
      rule('disable|removedestination', ['destroy', 'guard'], 'ends the backups'),
    ]),
  ],
  ['vssadmin', tool(() => [rule('delete shadows', ['destroy', 'backup'], gone)])],
  ['wbadmin', tool(() => [rule('delete', ['destroy', 'backup'], gone)])],
]
