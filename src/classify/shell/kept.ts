/** What is written where a shell, a schedule or git runs it later without being asked: read now. */
import type { Operation } from '../../core/operation.ts'
import type { Nested } from './nested.ts'
import type { Run } from './run.ts'
import { said } from './said.ts'
import type { Scope } from './scope.ts'
import { cronLines } from './shells.ts'

const starts =
  /(^|\/)\.(bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|kshrc|envrc|xinitrc|xprofile)$|^\/etc\/(profile|bash\.bashrc|profile\.d\/[^/]+|rc\.local)$|(^|\/)\.(git\/hooks|husky|githooks)\/[^/]+$/
const schedules = /^\/etc\/cron(tab$|\.\w+\/)|^\/var\/spool\/cron\//

export const isKept = (path: string): boolean => starts.test(path) || schedules.test(path)

export function kept(run: Run, scope: Scope, nested: Nested): readonly Operation[] {
  const tee = run.argv[0]?.text === 'tee' ? run.argv.slice(1) : []
  const text = tee.length > 0 ? run.stdin : said(run)
  if (text.kind !== 'text') return []
  return [...run.writes.map(({ to }) => to), ...tee].flatMap((to) => {
    const isSchedule = schedules.test(to.text)
    if (!isSchedule && !starts.test(to.text)) return []
    // The system's own schedules name a user before the command.
    const own = isSchedule
      ? cronLines(text.text).replaceAll(/^(root|[a-z_][\w-]*)[ \t]+(?=\S)/gm, 'sudo -u $1 ')
      : text.text
    return nested
      .text(own, scope.inner())
      .filter(({ effect }) => effect !== 'read' && effect !== 'write')
  })
}
