import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { button, card } from './card.ts'
import { h, type IconName, icon } from './dom.ts'

export type Agreed = { camera: boolean; recording: boolean }

/**
 * Who asks and for what, two separate consents, one button. The server keeps every picture as part of the call's record,
 * so both are needed; whoever does not agree goes on by voice alone. `agreed` outlives the screen (a change of language).
 */
export function askScreen(words: CallerWords, agentName: string | undefined, agreed: Agreed, onStart: () => void) {
  const hint = h('p', { class: 'problem', role: 'alert' })
  const consents = (['camera', 'recording'] as const).map(kind => {
    const box = h('input', { type: 'checkbox', role: 'switch', 'data-test': `consent-${kind}` })
    box.checked = agreed[kind]
    const [text, note] =
      kind === 'camera'
        ? [words.consentCamera, words.consentCameraNote]
        : [words.consentRecording, words.consentRecordingNote]
    const row = h('label', { class: 'consent' }, h('span', {}, h('strong', {}, text), h('small', {}, note)), box)
    box.addEventListener('change', () => {
      agreed[kind] = box.checked
      hint.textContent = ''
      for (const one of consents) one.row.classList.remove('needed')
      start.classList.toggle('waiting', !agreed.camera || !agreed.recording)
    })
    return { kind, text, box, row }
  })
  const start = button(
    words.start,
    'primary',
    () => {
      const missing = consents.find(one => !agreed[one.kind])
      if (missing === undefined) return onStart()
      hint.textContent = words.consentNeeded(missing.text)
      missing.row.classList.add('needed')
      missing.box.focus({ preventScroll: true })
      missing.row.scrollIntoView({ block: 'center' })
    },
    'start-camera',
  )
  start.prepend(icon('camera'))
  start.classList.toggle('waiting', !agreed.camera || !agreed.recording)
  const facts: readonly (readonly [IconName, string])[] = [
    ['phone', words.factCall],
    ['microphoneOff', words.factMicrophone],
    ['hand', words.factStop],
  ]
  return card(
    'ask',
    undefined,
    agentName === undefined ? words.askTitleNoName : words.askTitle(agentName),
    [
      h('p', {}, words.askLead),
      h('ul', { class: 'what' }, ...facts.map(([name, text]) => h('li', {}, icon(name), h('span', {}, text)))),
      h('fieldset', { class: 'consents' }, h('legend', {}, words.consentsTitle), ...consents.map(one => one.row)),
    ],
    [hint, start],
  )
}
