import { useEffect, useState } from 'preact/hooks'
import type { ConsoleWords } from '../words/zh-CN/console.ts'
import { Icon } from './icon.tsx'

const SAID_FOR_MS = 2_000

type Props = {
  readonly text: string
  readonly words: ConsoleWords
  /** What is copied, for the button's name. */
  readonly label: string
  /** Only the icon is drawn; the label stays for screen readers. */
  readonly small?: boolean
}

export function CopyButton({ text, words, label, small = false }: Props) {
  const [said, setSaid] = useState<'copied' | 'failed' | undefined>()
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => setSaid(undefined), SAID_FOR_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = () => {
    const writing = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))
    writing.then(
      () => setSaid('copied'),
      () => setSaid('failed'),
    )
  }
  const says = said === 'copied' ? words.copied : said === 'failed' ? words.copyFailed : undefined
  return (
    <button type="button" class={small ? 'button icon-only' : 'button'} onClick={copy} title={says ?? label}>
      <Icon name={said === 'copied' ? 'check' : said === 'failed' ? 'warn' : 'copy'} />
      <span class={small ? 'sr-only' : undefined} aria-live="polite">
        {says ?? label}
      </span>
    </button>
  )
}
