import { Icon, type IconName } from '../shared/console/icon.tsx'

type Props = {
  readonly name: string
  readonly icon: IconName
  readonly label: string
  readonly keys?: string
  readonly pressed?: boolean
  readonly expanded?: boolean
  readonly disabled?: boolean
  readonly tip?: string
  readonly tone?: 'stop' | 'primary'
  readonly wide?: boolean
  readonly onClick: () => void
}

/** One square of the voice panel. It keeps its size and place, whatever its word. */
export function VoiceButton({ name, icon, label, keys, pressed, expanded, disabled, tip, tone, wide, onClick }: Props) {
  const title = [tip ?? label, keys && `(${keys})`].filter(Boolean).join(' ')
  const look = ['button', 'voice-button', tone, wide && 'span', (pressed || expanded) && 'pressed']
  return (
    <button
      type="button"
      class={look.filter(Boolean).join(' ')}
      data-test={name}
      title={title}
      aria-pressed={pressed}
      aria-expanded={expanded}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} size={20} />
      <span class="voice-label">{label}</span>
      {keys ? <kbd>{keys}</kbd> : null}
    </button>
  )
}
