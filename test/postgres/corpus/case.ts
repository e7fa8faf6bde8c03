/** A statement of the corpus: what is sent, in which world, and whether something that was there is gone afterwards. */

export interface Case {
  readonly id: string
  readonly family: string
  /** Proven by running it (`prove.ts`): `ordinary` loses at most ten rows and nothing else. */
  readonly label: 'destroys' | 'ordinary'
  /** Makes the world that the statement needs, by the superuser and not through a gateway; a list where each must stand alone. */
  readonly setup?: string | readonly string[]
  /** Sent in the same session before it, one Query each; part of what a gateway sees. */
  readonly before?: readonly string[]
  /** SQL; for `call` a function's signature such as `lo_unlink(oid)`. `{data}` stands for the server's data folder. */
  readonly text: string
  /** `simple` when absent; `bind`: Parse, Bind with `values`, Execute; `call`: FunctionCall with `values`. */
  readonly via?: 'simple' | 'bind' | 'call'
  readonly values?: readonly (string | null)[]
  /** Startup parameters. */
  readonly startup?: Readonly<Record<string, string>>
  /** Each character of the text is one byte, for encodings other than UTF-8. */
  readonly latin1?: true
  /** What follows `COPY … FROM STDIN`. */
  readonly copy?: string
}

type Draft = string | Omit<Case, 'id' | 'family' | 'label'>

/** The cases of one family; a bare string is a text that needs nothing else. */
export function family(
  name: string,
  drafts: { readonly destroys?: readonly Draft[]; readonly ordinary?: readonly Draft[] },
): readonly Case[] {
  const cases = (label: Case['label'], list: readonly Draft[]): readonly Case[] =>
    list.map((draft, index) => ({
      ...(typeof draft === 'string' ? { text: draft } : draft),
      id: `${name}/${label}-${index + 1}`,
      family: name,
      label,
    }))
  return [...cases('destroys', drafts.destroys ?? []), ...cases('ordinary', drafts.ordinary ?? [])]
}
