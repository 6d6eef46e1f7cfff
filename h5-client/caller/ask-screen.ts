import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { button, card } from './card.ts'
import { h, type IconName, icon } from './dom.ts'

export type Agreed = { readonly camera: boolean; readonly recording: boolean }

/** Who asks and for what, two separate consents, one button. `agreed` outlives the screen (a change of language). */
export function askScreen(
  words: CallerWords,
  agentName: string | undefined,
  agreed: { camera: boolean; recording: boolean },
  onStart: () => void,
) {
  const hint = h('p', { class: 'problem', role: 'alert' })
  const consent = (kind: 'camera' | 'recording', text: string, note: string) => {
    const box = h('input', { type: 'checkbox', role: 'switch', 'data-test': `consent-${kind}` })
    box.checked = agreed[kind]
    box.addEventListener('change', () => {
      agreed[kind] = box.checked
      hint.textContent = ''
      start.classList.toggle('waiting', !agreed.camera)
    })
    return {
      box,
      row: h('label', { class: 'consent' }, h('span', {}, h('strong', {}, text), h('small', {}, note)), box),
    }
  }
  const camera = consent('camera', words.consentCamera, words.consentCameraNote)
  const recording = consent('recording', words.consentRecording, words.consentRecordingNote)
  const start = button(
    words.start,
    'primary',
    () => {
      if (agreed.camera) return onStart()
      hint.textContent = words.consentNeeded
      camera.row.classList.add('needed')
      camera.box.focus({ preventScroll: true })
      camera.row.scrollIntoView({ block: 'center' })
    },
    'start-camera',
  )
  start.prepend(icon('camera'))
  start.classList.toggle('waiting', !agreed.camera)
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
      h('fieldset', { class: 'consents' }, h('legend', {}, words.consentsTitle), camera.row, recording.row),
    ],
    [hint, start],
  )
}
