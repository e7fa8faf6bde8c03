/** What a user says must hold in a restored copy: statements that give one row of `true`. */
import type { Session } from '../platforms/postgres/questions.ts'

/** Those that do not hold, one line each. */
export async function holdsIn(
  session: Session,
  assertions: readonly string[],
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const sql of assertions)
    if (!(await holds(session, sql))) wrong.push(`\`${sql}\` does not hold`)
  return wrong
}

async function holds({ ask }: Session, sql: string): Promise<boolean> {
  const [row, ...more] = await ask(sql)
  const values = Object.values(row ?? {})
  return more.length === 0 && values.length > 0 && values.every((value) => value === 't')
}
