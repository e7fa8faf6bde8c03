/** Which types hold every value of another, so that a column may change to them and nothing is lost. */

/** `format_type` of the old one, and the new one's name with what stands in its brackets. */
export function holdsAll(old: string, name: string, options: readonly number[]): boolean {
  const [, plain = '', within = ''] = /^([a-z ]+?)(?:\(([\d,]+)\))?$/.exec(old) ?? []
  const had = within === '' ? [] : within.split(',').map(Number)
  const before = shortNames.get(plain) ?? plain
  const after = shortNames.get(name) ?? name
  if (before === 'varchar' && after === 'varchar') return isWider(had, options)
  if (before === 'numeric' && after === 'numeric') return isWiderNumeric(had, options)
  return options.length === 0 && wider.has(`${before} ${after}`)
}

const shortNames: ReadonlyMap<string, string> = new Map([
  ['smallint', 'int2'],
  ['integer', 'int4'],
  ['int', 'int4'],
  ['bigint', 'int8'],
  ['real', 'float4'],
  ['double precision', 'float8'],
  ['character varying', 'varchar'],
  ['timestamp without time zone', 'timestamp'],
])

const wider: ReadonlySet<string> = new Set([
  'int2 int4',
  'int2 int8',
  'int2 numeric',
  'int4 int8',
  'int4 numeric',
  'int8 numeric',
  'float4 float8',
  'date timestamp',
  'varchar text',
  ...['int2', 'int4', 'int8', 'text', 'date', 'timestamp', 'uuid'].map((same) => `${same} ${same}`),
])

/** Without a length it holds any. */
function isWider([old]: readonly number[], [length]: readonly number[]): boolean {
  return length === undefined || (old !== undefined && length >= old)
}

/** As many digits before the point and after it. */
function isWiderNumeric(
  [oldDigits, oldScale = 0]: readonly number[],
  [digits, scale = 0]: readonly number[],
): boolean {
  if (digits === undefined) return true
  if (oldDigits === undefined) return false
  return scale >= oldScale && digits - scale >= oldDigits - oldScale
}
