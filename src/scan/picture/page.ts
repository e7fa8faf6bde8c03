/** One page around the picture, whole in one file: no script, nothing fetched. For whoever has to be told. */
import { plain } from '../../base/plain.ts'
import { markup } from './markup.ts'
import type { Tone } from './layered.ts'

export interface PageTold {
  /** The worst, in one line. */
  readonly headline: string
  /** What was looked at, when, by what. */
  readonly about: readonly string[]
  /** As `svg.ts` writes it; null where there is nothing to draw. */
  readonly picture: string | null
  readonly sections: readonly PageSection[]
}

export interface PageSection {
  readonly title: string
  readonly items: readonly PageItem[]
}

export interface PageItem {
  readonly id: string
  /** The class, or nothing. */
  readonly mark: string
  readonly tone: Tone
  readonly sentence: string
  /** Lines of their own: places, what it may. */
  readonly lines: readonly string[]
  readonly fix: string
}

export function pageOf({ headline, about, picture, sections }: PageTold): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${said(headline)}</title><style>${style}</style></head><body><main>`,
    `<h1>${said(headline)}</h1>`,
    ...about.map((line) => `<p class="quiet">${said(line)}</p>`),
    ...(picture === null ? [] : [figure(picture)]),
    ...sections.filter(({ items }) => items.length > 0).map(sectionOf),
    '</main></body></html>',
    '',
  ].join('\n')
}

const said = (text: string): string => markup(plain(text, 1000))

const figure = (picture: string): string =>
  [
    `<figure><div class="scroll" tabindex="0" role="region" aria-label="The blast radius, drawn">${picture}</div>`,
    '<figcaption class="quiet">From left to right: who could do it, what, to what, where, and what would be left. Red goes, a thick edge says that no copy would stay; green stays; a broken line is what nobody said, and counts as everything.</figcaption></figure>',
  ].join('\n')

const sectionOf = ({ title, items }: PageSection): string =>
  [`<section><h2>${said(title)}</h2><ul>`, ...items.map(itemOf), '</ul></section>'].join('\n')

function itemOf({ id, mark, tone, sentence, lines, fix }: PageItem): string {
  return [
    `<li id="${markup(id)}" class="${tone}">`,
    `<p><strong>${mark === '' ? '' : `<span class="mark">${markup(mark)}</span> `}${said(sentence)}</strong></p>`,
    ...lines.map((line) => `<p class="quiet">${said(line)}</p>`),
    fix === '' ? '' : `<p>Fix: ${coded(fix)}</p>`,
    `<p class="quiet">id <code>${markup(id)}</code></p></li>`,
  ].join('\n')
}

/** What stands in backticks is to be typed. */
const coded = (text: string): string => said(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

const style = [
  ':root{color-scheme:light dark;--ground:#fbfbf9;--ink:#1c1d1f;--soft:#5b5f66;--line:#d9dad6;--gone:#b3261e;--stays:#2b6b3f}',
  '@media (prefers-color-scheme:dark){:root{--ground:#141517;--ink:#e8e8e6;--soft:#a6abb3;--line:#383b40;--gone:#ff8a80;--stays:#8fd3a3}}',
  'body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}',
  'main{max-width:1250px;margin:0 auto;padding:1rem}h1{font-size:1.5rem}h2{font-size:1.05rem}figure{margin:1rem 0}.scroll{overflow-x:auto}',
  'ul{list-style:none;padding:0}li{border:1px solid var(--line);border-left:4px solid var(--line);border-radius:6px;padding:.3rem .8rem;margin:.5rem 0}li p{margin:.2rem 0}',
  'li.bare,li.gone{border-left-color:var(--gone)}li:target{outline:2px solid var(--soft)}.mark{color:var(--gone)}.quiet{color:var(--soft)}code{font-family:ui-monospace,monospace;font-size:.92em}',
  '@media print{.scroll{overflow:visible}.scroll svg{max-width:100%;height:auto}}',
].join('')
