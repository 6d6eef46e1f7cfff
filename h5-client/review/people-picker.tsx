type Props = {
  readonly label: string
  readonly people: readonly { readonly id: string; readonly name: string }[]
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

/** Several people out of a list. */
export function PeoplePicker({ label, people, chosen, onChange }: Props) {
  return (
    <fieldset class="chips whole" data-test="people-picker">
      <legend>{label}</legend>
      {people.map(one => {
        const on = chosen.includes(one.id)
        return (
          <button
            key={one.id}
            type="button"
            class="chip"
            aria-pressed={on ? 'true' : undefined}
            onClick={() => onChange(on ? chosen.filter(id => id !== one.id) : [...chosen, one.id])}
          >
            {one.name}
          </button>
        )
      })}
    </fieldset>
  )
}
