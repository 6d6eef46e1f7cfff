import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { button, card } from './card.ts'
import { h, type IconName, icon } from './dom.ts'

export type Agreed = { camera: boolean; recording: boolean }
/** What this kind of call asks for beside the camera itself. */
export type Asked = {
  readonly recording: 'required' | 'optional'
  /** What follows the consents: the camera, the agent's leave for another browser, or photos one by one. */
  readonly leadsTo?: 'takeover' | 'photos'
}

/**
 * Who asks and for what, two separate consents, one button. Where the record needs the picture both are needed; else
 * the recording may be refused. Whoever does not agree goes on by voice alone. `agreed` outlives the screen (a change of
 * language).
 */
export function askScreen(
  words: CallerWords,
  agentName: string | undefined,
  agreed: Agreed,
  asked: Asked,
  onStart: () => void,
) {
  const isMissing = (kind: 'camera' | 'recording') =>
    !agreed[kind] && (kind === 'camera' || asked.recording === 'required')
  const hint = h('p', { class: 'problem', role: 'alert' })
  const consents = (['camera', 'recording'] as const).map(kind => {
    const box = h('input', { type: 'checkbox', role: 'switch', 'data-test': `consent-${kind}` })
    box.checked = agreed[kind]
    const [text, note] =
      kind === 'camera'
        ? [words.consentCamera, words.consentCameraNote]
        : [
            words.consentRecording,
            asked.recording === 'required' ? words.consentRecordingNote : words.consentRecordingOptional,
          ]
    const row = h('label', { class: 'consent' }, h('span', {}, h('strong', {}, text), h('small', {}, note)), box)
    box.addEventListener('change', () => {
      agreed[kind] = box.checked
      hint.textContent = ''
      for (const one of consents) one.row.classList.remove('needed')
      start.classList.toggle('waiting', isMissing('camera') || isMissing('recording'))
    })
    return { kind, text, box, row }
  })
  const start = button(
    asked.leadsTo === 'takeover' ? words.takeoverStart : asked.leadsTo === 'photos' ? words.sendPhotos : words.start,
    'primary',
    () => {
      const missing = consents.find(one => isMissing(one.kind))
      if (missing === undefined) return onStart()
      hint.textContent = words.consentNeeded(missing.text)
      missing.row.classList.add('needed')
      missing.box.focus({ preventScroll: true })
      missing.row.scrollIntoView({ block: 'center' })
    },
    'start-camera',
  )
  start.prepend(icon('camera'))
  start.classList.toggle('waiting', isMissing('camera') || isMissing('recording'))
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
