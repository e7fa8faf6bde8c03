/** Small parts that every view uses. Text from others stands in a `bdi`, as text. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Refusal } from './call.ts'
import { clock } from './live.ts'
import { sayDuration, sayTime, visible } from './say.ts'

/** What an agent, a platform or a person wrote. */
export function Said({ children }: { readonly children: string }): JSX.Element {
  return <bdi>{visible(children)}</bdi>
}

/** What stands against it, and what to do next: as the daemon says it. */
export function Trouble({ of }: { readonly of: Refusal | null }): JSX.Element | null {
  if (of === null) return null
  return (
    <div class="trouble" role="alert">
      <p>
        <Said>{of.message}</Said>
      </p>
      {of.hint !== null && (
        <p class="hint">
          <Said>{of.hint}</Said>
        </p>
      )}
    </div>
  )
}

/** Nothing there: what that means, and what would bring something. */
export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <div class="empty">{children}</div>
}

/** `3 min ago`, the time itself behind it. */
export function Ago({ at }: { readonly at: number }): JSX.Element {
  const iso = new Date(at).toISOString()
  return (
    <time dateTime={iso} title={sayTime(at)}>
      {sayDuration(clock.value - at)} ago
    </time>
  )
}

/** `2026-11-25 06:50:01Z`. */
export function At({ ms }: { readonly ms: number }): JSX.Element {
  return <time dateTime={new Date(ms).toISOString()}>{sayTime(ms)}</time>
}

/** A view's heading: reading and keys go on from here after each change of place. */
export function Title({
  name,
  children,
}: {
  readonly name: string
  readonly children: ComponentChildren
}): JSX.Element {
  const here = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${name} · Firebreak`
    here.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [name])
  return (
    <h1 ref={here} tabIndex={-1}>
      {children}
    </h1>
  )
}
