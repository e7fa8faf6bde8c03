/** A part of many like cases: another one each run, so that all of them are tried in the end and no run is long. */

/** True where all cases are wanted. */
export const whole = process.env['FIREBREAK_ALL'] !== undefined
const turn = Number(process.env['FIREBREAK_TURN'] ?? Math.floor(Date.now() / 1000))

/** Every `parts`th case, by the second at which it is run or `FIREBREAK_TURN`; all of them with `FIREBREAK_ALL`. */
export function sample<T>(cases: readonly T[], parts: number): readonly T[] {
  return whole ? cases : cases.filter((_, at) => at % parts === turn % parts)
}

/** For the name of a test, so that what failed can be run again. */
export const turnOf = (parts: number): string => (whole ? 'all' : `turn ${turn % parts}`)
