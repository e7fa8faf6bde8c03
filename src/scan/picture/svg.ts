/** The picture as SVG 1.1 that needs nothing besides: no script, no font, no address. It follows the reader's light or dark. */
import { plain } from '../../base/plain.ts'
import { boxSize } from './layered.ts'
import type { Drawn } from './layered.ts'
import { markup } from './markup.ts'

export interface Caption {
  readonly title: string
  /** The same in words, for whoever does not see it. */
  readonly description: string
}

/** Characters that fit in a box; those of East Asia are twice as wide. */
const most = { text: 21, sub: 27 }

/** `linkOf`: where a box leads within a page; null for none. */
export function svgOf(
  { width, height, heads, boxes, lines }: Drawn,
  { title, description }: Caption,
  linkOf: (id: string) => string | null = () => null,
): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="picture" ${size} role="img" aria-labelledby="picture-title picture-words">`,
    `<title id="picture-title">${markup(title)}</title>`,
    `<desc id="picture-words">${markup(description)}</desc>`,
    `<style>${style}</style>`,
    ...heads.map(({ text, x }) => `<text class="head" x="${x}" y="18">${markup(text)}</text>`),
    ...lines.map(({ d, tone }) => `<path class="${tone}" d="${d}"/>`),
    ...boxes.map((box) => linked(boxOf(box), linkOf(box.id))),
    '</svg>',
    '',
  ].join('\n')
}

const linked = (inner: string, link: string | null): string =>
  link === null ? inner : `<a href="${markup(link)}">${inner}</a>`

function boxOf({ x, y, mark, text, sub, tone, full }: Drawn['boxes'][number]): string {
  const [top, indent] = [Math.round(y * 10) / 10, mark === '' ? 10 : 34]
  const { width, height } = boxSize
  const room = most.text - (mark === '' ? 0 : 4)
  return [
    `<g class="${tone}"><title>${markup(plain(full))}</title>`,
    `<rect x="${x}" y="${top}" width="${width}" height="${height}" rx="6"/>`,
    mark === '' ? '' : `<text class="mark" x="${x + 9}" y="${top + 26}">${markup(mark)}</text>`,
    `<text class="name" x="${x + indent}" y="${top + (sub === '' ? 25 : 17)}">${short(text, room)}</text>`,
    sub === ''
      ? ''
      : `<text class="sub" x="${x + indent}" y="${top + 32}">${short(sub, most.sub - (mark === '' ? 0 : 4))}</text>`,
    '</g>',
  ].join('')
}

const isWide = (character: string): boolean =>
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Extended_Pictographic}]/u.test(
    character,
  )

/** The middle is what can be spared: an end often tells two apart. */
function short(text: string, room: number): string {
  const all = Array.from(plain(text))
  const width = all.reduce((sum, one) => sum + (isWide(one) ? 2 : 1), 0)
  if (width <= room) return markup(all.join(''))
  const keep = Math.floor((room - 1) / (width / all.length))
  const tail = Math.floor(keep / 3)
  return markup(`${all.slice(0, keep - tail).join('')}…${all.slice(all.length - tail).join('')}`)
}

/** Told by shape too: what goes has a thick line and edge, what nobody spoke of a broken one, what stays a double edge of its own colour. */
const style = [
  '.picture{font:12.5px system-ui,sans-serif;background:#fbfbf9;color:#1c1d1f;--card:#fff;--soft:#5b5f66;--line:#c4c6c1;--gone:#b3261e;--pale:#fdf0ee;--stays:#2b6b3f;--green:#eef7f0;--waits:#7a4f00}',
  '@media (prefers-color-scheme:dark){.picture{background:#141517;color:#e8e8e6;--card:#1d1f22;--soft:#a6abb3;--line:#4a4e55;--gone:#ff8a80;--pale:#33191a;--stays:#8fd3a3;--green:#16271b;--waits:#f0c36d}}',
  '.picture text{fill:currentColor}.picture .head,.picture .sub{fill:var(--soft);font-size:11px}.picture .name{font-weight:600}.picture .mark{font-weight:700;font-size:15px}',
  '.picture rect{fill:var(--card);stroke:var(--soft)}.picture path{fill:none;stroke:var(--line);stroke-width:1.2}',
  '.picture g.gone rect,.picture g.bare rect{fill:var(--pale);stroke:var(--gone)}.picture g.bare rect{stroke-width:2.5}.picture g.bare .mark,.picture g.gone .mark{fill:var(--gone)}',
  '.picture g.stays rect{fill:var(--green);stroke:var(--stays);stroke-width:2}.picture g.held rect{stroke:var(--waits)}.picture g.unsaid rect{stroke-dasharray:5 4}',
  '.picture path.gone{stroke:var(--gone);stroke-width:2}.picture path.bare{stroke:var(--gone);stroke-width:2.6}.picture path.stays{stroke:var(--stays);stroke-width:1.6}.picture path.held{stroke:var(--waits);stroke-width:1.8}.picture path.unsaid{stroke:var(--soft);stroke-dasharray:5 4}',
  '.picture a:hover rect,.picture a:focus rect{stroke-width:3.5}',
].join('')
