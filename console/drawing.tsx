/** The map as boxes in columns with lines between them, where the daemon has placed them: the same picture as `firebreak scan` draws. A screen reader has the table: this is for eyes. */
import type { JSX } from 'preact'
import type { ReachMap } from './answers-map.ts'
import { visible } from './say.ts'

type Drawn = ReachMap['drawn']

/** As `src/scan/picture/layered.ts` has it. */
const [width, height] = [196, 40]

export function Drawing({ of }: { readonly of: Drawn }): JSX.Element {
  return (
    <svg class="map" viewBox={`0 0 ${of.width} ${of.height}`} aria-hidden="true">
      {of.heads.map(({ text, x }) => (
        <text key={text} class="head" x={x} y={18}>
          {text}
        </text>
      ))}
      {of.lines.map(({ d, tone }, at) => (
        <path key={at} class={tone} d={d} />
      ))}
      {of.boxes.map((box) => (
        <Box key={box.id} of={box} />
      ))}
    </svg>
  )
}

function Box({
  of: { x, y, mark, text, sub, tone, full },
}: {
  readonly of: Drawn['boxes'][number]
}): JSX.Element {
  const left = x + (mark === '' ? 10 : 34)
  const room = mark === '' ? 21 : 17
  return (
    <g class={tone}>
      <title>{visible(full)}</title>
      <rect x={x} y={y} width={width} height={height} rx={6} />
      {mark !== '' && (
        <text class="mark" x={x + 9} y={y + 26}>
          {mark}
        </text>
      )}
      <text class="name" x={left} y={y + (sub === '' ? 25 : 17)}>
        {short(text, room)}
      </text>
      {sub !== '' && (
        <text class="sub" x={left} y={y + 32}>
          {short(sub, room + 6)}
        </text>
      )}
    </g>
  )
}

function short(text: string, room: number): string {
  const all = Array.from(visible(text))
  return all.length > room ? `${all.slice(0, room - 1).join('')}…` : all.join('')
}
