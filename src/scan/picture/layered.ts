/** What is drawn, before anybody knows where: boxes in columns from left to right, and lines between them. And after: with places. */

/** `gone`: it can be destroyed. `bare`: it can, and no copy would stay. `stays`: nothing here reaches it. `held`: a person is asked first. */
export type Tone = 'plain' | 'gone' | 'bare' | 'stays' | 'held' | 'unsaid'

export interface Box {
  readonly id: string
  /** From 0, the leftmost. */
  readonly column: number
  /** One letter or two before the text; empty for none. */
  readonly mark: string
  readonly text: string
  /** A second, quieter line; may be empty. */
  readonly sub: string
  readonly tone: Tone
  /** The whole of it, for whoever asks: what a short box leaves out. */
  readonly full: string
}

/** From a box to one in a column further right; the other way round it is turned. */
export interface Line {
  readonly from: string
  readonly to: string
  readonly tone: Tone
}

/** Order within a column is by rank: the first is the topmost wherever nothing speaks against it. */
export interface Layered {
  readonly heads: readonly string[]
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
}

/** In units of the picture, of which one is a pixel where nothing is scaled. */
export interface Drawn {
  readonly width: number
  readonly height: number
  readonly heads: readonly { readonly text: string; readonly x: number }[]
  readonly boxes: readonly (Box & { readonly x: number; readonly y: number })[]
  /** `d` as SVG's path has it. */
  readonly lines: readonly { readonly d: string; readonly tone: Tone }[]
}

/** Every box is of one size. */
export const boxSize = { width: 196, height: 40 } as const
/** The first line of text stands here under the head. */
export const headRoom = 30
