/** The map as columns with lines between them. A screen reader has the table: this is for eyes. */
import type { JSX } from 'preact'
import type { ReachMap } from './answers.ts'
import { visible } from './say.ts'

interface Node {
  readonly key: string
  readonly text: string
  readonly tone: string
}

interface Line {
  readonly from: string
  readonly to: string
  readonly tone: string
}

const [columnWidth, boxWidth, rowHeight, boxHeight, top] = [138, 114, 36, 26, 30]
const most = 40

export function Drawing({ of }: { readonly of: ReachMap }): JSX.Element {
  const columns = columnsOf(of)
  const places = new Map<string, readonly [number, number]>()
  for (const [x, { nodes }] of columns.entries())
    for (const [y, { key }] of nodes.entries())
      places.set(key, [x * columnWidth + 4, top + y * rowHeight])
  const height = top + rowHeight * Math.max(1, ...columns.map(({ nodes }) => nodes.length))
  return (
    <svg class="map" width={columns.length * columnWidth} height={height} aria-hidden="true">
      {linesOf(of).map(({ from, to, tone }) => {
        const [start, end] = [places.get(from), places.get(to)]
        if (start === undefined || end === undefined) return null
        const [x, y] = [start[0] + boxWidth, start[1] + boxHeight / 2]
        const [toX, toY] = [end[0], end[1] + boxHeight / 2]
        const middle = (x + toX) / 2
        const d = `M${x} ${y}C${middle} ${y} ${middle} ${toY} ${toX} ${toY}`
        return <path key={`${from} ${to}`} class={tone} d={d} />
      })}
      {columns.map(({ title, nodes }, x) => (
        <g key={title}>
          <text class="head" x={x * columnWidth + 4} y={18}>
            {title}
          </text>
          {nodes.map(({ key, text, tone }, y) => (
            <g key={key}>
              <rect
                class={tone}
                x={x * columnWidth + 4}
                y={top + y * rowHeight}
                width={boxWidth}
                height={boxHeight}
                rx={5}
              />
              <text x={x * columnWidth + 12} y={top + y * rowHeight + 17}>
                {short(text)}
              </text>
            </g>
          ))}
        </g>
      ))}
    </svg>
  )
}

function short(text: string): string {
  const all = Array.from(visible(text))
  return all.length > 15 ? `${all.slice(0, 14).join('')}…` : all.join('')
}

function columnsOf({
  credentials,
  targets,
  grants,
  environments,
  things,
}: ReachMap): readonly { readonly title: string; readonly nodes: readonly Node[] }[] {
  const points = new Set(things.flatMap(({ point }) => point ?? []))
  const column = (title: string, nodes: readonly Node[]): { title: string; nodes: Node[] } => ({
    title: nodes.length > most ? `${title} (${most} of ${nodes.length})` : title,
    nodes: nodes.slice(0, most),
  })
  return [
    column(
      'Credentials',
      credentials.map(({ id }) => ({ key: `c ${id}`, text: id, tone: '' })),
    ),
    column(
      'Targets',
      targets.map(({ name }) => ({ key: `t ${name}`, text: name, tone: '' })),
    ),
    column(
      'Grants, worst first',
      grants.map(({ id, principal, reach }) => ({
        key: `g ${id}`,
        text: principal,
        tone: worstOf(reach),
      })),
    ),
    column(
      'Operations',
      grants.map(({ id, operations, reach }) => ({
        key: `o ${id}`,
        text: operations.join(' '),
        tone: worstOf(reach),
      })),
    ),
    column(
      'Environments',
      environments.map(({ target, name, protected: isSafe }) => ({
        key: `e ${target} ${name}`,
        text: name,
        tone: isSafe ? 'safe' : 'runs',
      })),
    ),
    column(
      'Things',
      things.map(({ key, name, point }) => ({
        key: `r ${key}`,
        text: name,
        tone: point === null ? 'bare' : 'safe',
      })),
    ),
    column(
      'Ways back',
      [...points].map((id) => ({ key: `p ${id}`, text: id, tone: 'safe' })),
    ),
  ]
}

function worstOf(reach: ReachMap['grants'][number]['reach']): string {
  return reach.find(({ worst }) => worst === 'runs')?.worst ?? reach[0]?.worst ?? ''
}

function linesOf({ credentials, grants, things }: ReachMap): readonly Line[] {
  return [
    ...credentials.flatMap(({ id, target }) =>
      target === null ? [] : [{ from: `c ${id}`, to: `t ${target}`, tone: '' }],
    ),
    ...grants.flatMap(({ id, reach }) => [
      ...[...new Set(reach.map(({ target }) => target))].map((target) => ({
        from: `t ${target}`,
        to: `g ${id}`,
        tone: '',
      })),
      { from: `g ${id}`, to: `o ${id}`, tone: worstOf(reach) },
      ...reach.map(({ target, environment, worst }) => ({
        from: `o ${id}`,
        to: `e ${target} ${environment}`,
        tone: worst,
      })),
    ]),
    ...things.flatMap(({ key, target, environment, point }) => [
      ...(environment === null
        ? []
        : [{ from: `e ${target} ${environment}`, to: `r ${key}`, tone: '' }]),
      ...(point === null ? [] : [{ from: `r ${key}`, to: `p ${point}`, tone: 'safe' }]),
    ]),
  ]
}
