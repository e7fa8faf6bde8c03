/** What was measured: numbers of several rounds, and a table of their medians. */
import { loadavg } from 'node:os'

export interface Series {
  add(value: number): void
  readonly values: readonly number[]
  /** How busy the machine was meanwhile, on average over the last minute of each. */
  readonly loads: readonly number[]
}

export interface Table {
  /** The series of a thing, made where it is not there. `over`: what its ratio is to. */
  of(what: string, over?: string): Series
  lines(): readonly string[]
}

export function openTable(what: string, unit: string): Table {
  const all = new Map<string, { readonly series: Series; readonly over: string | null }>()
  return {
    of: (name, over) => {
      const there = all.get(name)?.series
      if (there !== undefined) return there
      const series = openSeries()
      all.set(name, { series, over: over ?? null })
      return series
    },
    lines: () => [
      `| ${what} | ${unit}, median | spread | ratio | load |`,
      '|---|---|---|---|---|',
      ...[...all].map(([name, { series, over }]) => {
        const { values, loads } = series
        const base = over === null ? null : all.get(over)?.series
        // Of each round its own ratio: what made both slow is in neither.
        const ratios = values.map((value, at) => (base?.values[at] ?? Number.NaN) / value)
        const ratio = base ? `${middle(ratios).toFixed(2)} of ${over}` : '–'
        const spread = `${shown(Math.min(...values))}–${shown(Math.max(...values))}`
        const load = `${Math.min(...loads).toFixed(1)}–${Math.max(...loads).toFixed(1)}`
        return `| ${name} | ${shown(middle(values))} | ${spread} | ${ratio} | ${load} |`
      }),
    ],
  }
}

export function at(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN
}

/** How long something takes, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

function middle(values: readonly number[]): number {
  return at(values, 0.5)
}

function openSeries(): Series {
  const values: number[] = []
  const loads: number[] = []
  return {
    values,
    loads,
    add: (value) => {
      values.push(value)
      loads.push(loadavg()[0] ?? 0)
    },
  }
}

function shown(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}
