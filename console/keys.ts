/** One key, one act; none while somebody types, none held down, and none that approves. */
import { useEffect } from 'preact/hooks'
import { signal } from '@preact/signals'

const kept = 'firebreak.keys'

/** Off for whoever speaks to the page, or brushes against keys (WCAG 2.1.4). */
export const keysOn = signal(true)

export function recallKeys(): void {
  keysOn.value = localStorage.getItem(kept) !== 'off'
}

export function switchKeys(isOn: boolean): void {
  keysOn.value = isOn
  localStorage.setItem(kept, isOn ? 'on' : 'off')
}

/** These keys work while the component is there. */
export function useKeys(acts: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const { key, repeat, ctrlKey, metaKey, altKey, isComposing, defaultPrevented } = event
      if (!keysOn.value || repeat || ctrlKey || metaKey || altKey || isComposing) return
      if (defaultPrevented || isTyping() || document.querySelector('dialog[open]') !== null) return
      if (!Object.hasOwn(acts, key)) return
      event.preventDefault()
      acts[key]?.()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  })
}

function isTyping(): boolean {
  const at = document.activeElement
  return at !== null && at.matches('input, textarea, select, [contenteditable]')
}
