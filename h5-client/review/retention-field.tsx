type Props = {
  readonly label: string
  readonly name: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly required?: boolean
  readonly type?: 'text' | 'date' | 'tel'
  readonly minLength?: number
  readonly pattern?: string
}

const TYPES = { text: { type: 'text' }, date: { type: 'date' }, tel: { type: 'tel' } } as const

/** A labelled input of the forms about keeping and destroying. */
export function RetentionField({
  label,
  name,
  value,
  onValue,
  required = false,
  type = 'text',
  minLength,
  pattern,
}: Props) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        data-test={name}
        {...TYPES[type]}
        autoComplete="off"
        required={required}
        minLength={minLength}
        pattern={pattern}
        maxLength={300}
        value={value}
        onInput={event => onValue(event.currentTarget.value)}
      />
    </label>
  )
}
