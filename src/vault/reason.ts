/** Why a recovery point could not be taken, in words for whoever has to mend it. */
import { FirebreakError, messageOf } from '../base/error.ts'

/** One line without a stack; the errors of a file system get what to do beside them. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof FirebreakError)
    return thrown.hint === null ? thrown.message : `${thrown.message} (${thrown.hint})`
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return reasons[code] ?? messageOf(thrown)
}

/** True where the store could not be asked, or not by this credential: nothing is known of what lies in it. */
export function isOutOfReach(thrown: unknown): boolean {
  return (
    thrown instanceof FirebreakError &&
    (thrown.code === 'not_reachable' || thrown.code === 'bad_config')
  )
}

/** True where this machine has no room for what was to be written. */
export function isFull(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const code = 'code' in thrown ? String(thrown.code) : ''
  // 53100: a server says so of its disk.
  return ['ENOSPC', 'EDQUOT', '53100'].includes(code) || isFull(thrown.cause)
}

const reasons: { readonly [code: string]: string } = {
  ENOENT: 'it is not there: is it mounted, and is the path right?',
  ENOSPC: 'the disk of the vault is full: make room on it',
  EDQUOT: 'the quota of the vault is used up: make room in it',
  EROFS: 'the vault lies on a read-only file system',
  EIO: 'a disk cannot be read or written (EIO): look at its health first',
  EACCES: 'a file may not be read by the user that runs this (EACCES): give it the right to read',
  EPERM: 'a file may not be used by the user that runs this (EPERM): give it the right',
  EMFILE: 'too many files are open: raise the limit of this process',
}
