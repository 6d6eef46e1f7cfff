import { Icon, type IconName } from '../shared/console/icon.tsx'

type Props = {
  readonly name: string
  readonly icon: IconName
  readonly word: string
  /** What the word does not tell. */
  readonly how?: string | undefined
  /** The key as it is shown on the button. */
  readonly hint: string
  /** The key as assistive technology wants it; the hint where that is the same. */
  readonly keys?: string
  readonly disabled: boolean
  readonly pressed?: boolean
  /** With its word on it, across the whole bar. */
  readonly strong?: boolean
  /** The one button of the bar that Tab stops at. */
  readonly stop: boolean
  readonly onClick: () => void
}

/** A picture and a key; the word comes with mouse or focus, and is always read out. */
export function ToolButton({ name, icon, word, how, hint, keys, disabled, pressed, strong, stop, onClick }: Props) {
  return (
    <button
      type="button"
      class={strong ? 'tool strong' : 'tool'}
      data-test={name}
      data-tip={strong ? undefined : `${word} (${hint})`}
      data-how={how}
      aria-label={how ? `${word}: ${how}` : word}
      aria-keyshortcuts={keys ?? hint}
      aria-pressed={pressed}
      disabled={disabled}
      tabIndex={stop ? 0 : -1}
      onClick={onClick}
    >
      <Icon name={icon} size={20} />
      {strong ? <span>{word}</span> : null}
      <kbd>{hint}</kbd>
    </button>
  )
}
