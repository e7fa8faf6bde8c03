/** What Firebreak answers, and why. The worst finding wins. */

/** One reason: a stable rule id, and a sentence that a person and an agent understand. */
export interface Finding {
  readonly rule: string
  readonly message: string
}

export type Verdict =
  | { readonly kind: 'allow'; readonly findings: readonly Finding[] }
  | { readonly kind: 'hold'; readonly findings: readonly Finding[] }
  | { readonly kind: 'deny'; readonly findings: readonly Finding[] }

export const allow: Verdict = { kind: 'allow', findings: [] }

export function hold(...findings: readonly Finding[]): Verdict {
  return { kind: 'hold', findings }
}

export function deny(...findings: readonly Finding[]): Verdict {
  return { kind: 'deny', findings }
}

const severity = { allow: 0, hold: 1, deny: 2 } as const

/** The strictest of several verdicts, with the findings of all of them, the strictest first; none at all is a deny. */
export function strictest(verdicts: readonly Verdict[]): Verdict {
  const sorted = verdicts.toSorted((a, b) => severity[b.kind] - severity[a.kind])
  const first = sorted[0]
  if (first === undefined) return deny({ rule: 'nothing-judged', message: 'nothing was judged' })
  if (sorted.length === 1 && first.findings.length === 0) return first
  const seen = new Map(
    sorted.flatMap((v) => v.findings).map((found) => [`${found.rule} ${found.message}`, found]),
  )
  return { kind: first.kind, findings: [...seen.values()] }
}
