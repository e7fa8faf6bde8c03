/** Volumes beneath the file systems, clusters of them, and machines with their disks. */
import { rule, tool } from '../tool.ts'
import type { Tool } from '../tool.ts'

const whole = 'deletes a volume with all on it'
const back = 'puts an older state in its place'

const zfs = tool(
  () => [
    rule('destroy', ['destroy', 'data'], 'destroys a data set, or its snapshots', { but: '-n' }),
    rule('rollback', ['destroy', 'overwrite'], back),
    rule('receive|recv', ['destroy', 'overwrite'], 'rolls the target back first', {
      only: '-F',
      but: '-n',
    }),
    rule('release', ['destroy', 'guard'], 'lets a snapshot be destroyed'),
    rule('change-key|unload-key', ['destroy', 'key'], 'takes the key away'),
  ],
  { valued: '-o -x -t -s -d', plain: '-r -R -f -v -p' },
)

const zpool = tool(
  () => [
    rule('destroy', ['destroy', 'container'], 'destroys a pool'),
    rule('labelclear', ['destroy', 'data'], 'clears a disk of its pool'),
    rule('create', ['destroy', 'data'], 'makes disks anew that may be in use', { only: '-f' }),
    rule('detach|remove|offline', ['destroy', 'guard'], 'takes a copy out of a pool'),
    rule('import', ['destroy', 'overwrite'], 'throws the last writes away', {
      only: '-F -X',
      but: '-n',
    }),
    rule('export', ['destroy', 'outage'], 'takes a pool away from where it is used'),
  ],
  { valued: '-o -O -m -R -t -d -c' },
)

const btrfs = tool(() => [
  rule('subvolume|subvol delete', ['destroy', 'data'], 'deletes a subvolume or a snapshot'),
  rule('device delete|remove', ['destroy', 'guard'], 'takes a disk out'),
  rule('check', ['destroy', 'data'], 'throws away what it cannot repair', {
    only: '--repair --init-csum-tree --init-extent-tree',
  }),
  rule('property set', ['destroy', 'guard'], 'makes a snapshot writable', { like: /^false$/ }),
])

const lvm = (says: string): Tool =>
  tool(() => [rule('*', ['destroy', 'data'], says)], {
    valued: '-S --select --config',
    plain: '-f -ff -y -v -q --force --yes',
    shows: '-t --test',
  })

const cryptsetup = tool(
  () => [
    rule('luksformat', ['destroy', 'data'], 'makes a volume anew: all on it is gone'),
    rule('erase|lukserase', ['destroy', 'key'], 'erases every key: nobody reads it then'),
    rule('luksremovekey|lukskillslot|removekey', ['destroy', 'key'], 'takes a key away'),
    rule('luksheaderrestore', ['destroy', 'overwrite'], 'writes an older header over'),
  ],
  { valued: '-c -s -h -d --key-file --key-slot -S --type --header --header-backup-file' },
)

const mdadm = tool(
  () => [
    rule('', ['destroy', 'data'], 'takes a disk out of its array for good', {
      only: '--zero-superblock',
    }),
    rule('', ['destroy', 'data'], 'makes an array anew of these disks', { only: '--create -C' }),
    rule('', ['destroy', 'guard'], 'takes a copy out of an array', {
      only: '--fail -f --remove -r --set-faulty',
    }),
    rule('', ['destroy', 'outage'], 'ends an array', { only: '--stop -S' }),
  ],
  { valued: '-l --level -n --raid-devices -x -c -e' },
)

const ceph = tool(() => [
  rule('osd pool delete|rm', ['destroy', 'container'], 'deletes a pool'),
  rule('osd purge|destroy|rm|lost|zap', ['destroy', 'data'], 'takes a disk of the cluster away'),
  rule('fs rm', ['destroy', 'container'], 'deletes a file system'),
  rule('fs volume rm', ['destroy', 'container'], 'deletes a file system'),
  rule('fs subvolume|subvolumegroup rm', ['destroy', 'data'], whole),
  rule('mon remove|rm', ['destroy', 'guard'], 'takes a monitor away'),
  rule('auth del|rm', ['destroy', 'account'], 'takes a key away'),
  rule('auth get|get-key|print-key|export', ['expose'], 'prints a key'),
  rule('config set', ['destroy', 'guard'], 'lets pools be deleted', {
    like: /^mon_allow_pool_delete$/,
  }),
])

const rbd = tool(
  () => [
    rule('rm|remove', ['destroy', 'data'], whole),
    rule('trash rm|remove|purge', ['destroy', 'data'], 'empties the trash'),
    rule('snap|snapshot rm|remove|purge', ['destroy', 'backup'], 'deletes snapshots'),
    rule('snap|snapshot rollback|revert', ['destroy', 'overwrite'], back),
    rule('snap|snapshot unprotect', ['destroy', 'guard'], 'lets a snapshot be deleted'),
  ],
  { valued: '-p --pool --image --snap -c --id -n --namespace' },
)

const virsh = tool(
  () => [
    rule('undefine', ['destroy', 'data'], 'deletes a machine with its disks', {
      only: '--remove-all-storage --storage --snapshots-metadata',
    }),
    rule('undefine', ['destroy', 'container'], 'deletes a machine'),
    rule('vol-delete|vol-wipe|pool-delete', ['destroy', 'data'], whole),
    rule('snapshot-delete', ['destroy', 'backup'], 'deletes a snapshot'),
    rule('snapshot-revert', ['destroy', 'overwrite'], back),
    rule('destroy|shutdown|reset', ['destroy', 'outage'], 'ends a machine'),
  ],
  { valued: '-c --connect' },
)

const lxc = tool(() => [
  rule('delete|rm', ['destroy', 'container'], 'deletes a machine with its disk'),
  rule('storage delete', ['destroy', 'container'], 'deletes a pool'),
  rule('storage volume|bucket delete', ['destroy', 'data'], whole),
  rule('snapshot|project delete', ['destroy', 'backup'], 'deletes a snapshot'),
  rule('restore', ['destroy', 'overwrite'], back),
  rule('snapshot restore', ['destroy', 'overwrite'], back),
  rule('rebuild', ['destroy', 'overwrite'], 'makes a machine anew'),
])

const proxmox = tool(() => [
  rule('destroy', ['destroy', 'container'], 'destroys a machine with its disks'),
  rule('rollback', ['destroy', 'overwrite'], back),
  rule('delsnapshot', ['destroy', 'backup'], 'deletes a snapshot'),
  rule('restore', ['destroy', 'overwrite'], 'writes a backup over', { only: '--force' }),
  rule('stop|shutdown', ['destroy', 'outage'], 'ends a machine'),
])

export const disks: readonly (readonly [string, Tool])[] = [
  ['zfs', zfs],
  ['zpool', zpool],
  ['btrfs', btrfs],
  ['lvremove', lvm(whole)],
  ['vgremove', lvm('deletes a group of volumes')],
  ['pvremove', lvm('clears a disk of its volumes')],
  ['lvreduce', lvm('cuts a volume off: what lay behind is gone')],
  [
    'lvresize',
    tool(() => [rule('', ['destroy', 'data'], 'cuts a volume off', { like: /^-\d/ })], {
      valued: '-L --size -l --extents',
      shows: '-t --test',
    }),
  ],
  [
    'lvconvert',
    tool(() => [rule('', ['destroy', 'overwrite'], back, { only: '--merge --mergesnapshot' })]),
  ],
  [
    'vgreduce',
    tool(
      () => [
        rule('', ['destroy', 'data'], 'drops what lay on a lost disk', { only: '--removemissing' }),
      ],
      {
        shows: '-t --test',
      },
    ),
  ],
  ['cryptsetup', cryptsetup],
  ['mdadm', mdadm],
  [
    'dmsetup',
    tool(() => [rule('remove_all|wipe_table', ['destroy', 'outage'], 'takes volumes away')]),
  ],
  [
    'hdparm',
    tool(() => [
      rule('', ['destroy', 'data'], 'erases a disk', {
        only: '--security-erase --security-erase-enhanced --trim-sector-ranges',
      }),
    ]),
  ],
  ['nvme', tool(() => [rule('format|sanitize|delete-ns', ['destroy', 'data'], 'erases a disk')])],
  ['sg_format', tool(() => [rule('*', ['destroy', 'data'], 'erases a disk')])],
  ['ceph', ceph],
  ['ceph-volume', tool(() => [rule('lvm zap', ['destroy', 'data'], 'erases a disk')])],
  ['rbd', rbd],
  [
    'rados',
    tool(
      () => [
        rule('rm|purge|rmpool|rmsnap|rollback', ['destroy', 'data'], 'deletes what a pool holds'),
      ],
      {
        valued: '-p --pool -N --namespace -c --id',
      },
    ),
  ],
  [
    'radosgw-admin',
    tool(() => [
      rule('bucket|object rm', ['destroy', 'data'], 'deletes what is stored there'),
      rule('user rm', ['destroy', 'account'], 'deletes a user'),
    ]),
  ],
  [
    'gluster',
    tool(() => [
      rule('volume delete|remove-brick|reset-brick', ['destroy', 'data'], whole),
      rule('snapshot delete', ['destroy', 'backup'], 'deletes a snapshot'),
      rule('snapshot restore', ['destroy', 'overwrite'], back),
      rule('volume stop', ['destroy', 'outage'], 'ends a volume'),
    ]),
  ],
  [
    'drbdadm',
    tool(() => [
      rule('wipe-md|invalidate|create-md', ['destroy', 'data'], 'drops a copy of a volume'),
    ]),
  ],
  ['virsh', virsh],
  ['lxc', lxc],
  ['incus', lxc],
  ['qm', proxmox],
  ['pct', proxmox],
  [
    'vagrant',
    tool(() => [
      rule('destroy', ['destroy', 'container'], 'destroys a machine with its disk'),
      rule('snapshot delete', ['destroy', 'backup'], 'deletes a snapshot'),
      rule('snapshot restore|pop', ['destroy', 'overwrite'], back),
    ]),
  ],
  [
    'multipass',
    tool(() => [rule('delete|purge', ['destroy', 'container'], 'deletes a machine with its disk')]),
  ],
  [
    'vboxmanage',
    tool(() => [
      rule('unregistervm|closemedium', ['destroy', 'data'], whole, { only: '--delete' }),
      rule('snapshot * delete', ['destroy', 'backup'], 'deletes a snapshot'),
      rule('snapshot * restore|restorecurrent', ['destroy', 'overwrite'], back),
    ]),
  ],
  [
    'govc',
    tool(() => [
      rule('vm.destroy|datastore.rm|object.destroy|volume.rm', ['destroy', 'data'], whole),
      rule('snapshot.remove', ['destroy', 'backup'], 'deletes a snapshot'),
      rule('snapshot.revert', ['destroy', 'overwrite'], back),
    ]),
  ],
]
