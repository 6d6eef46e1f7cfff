import type { PhoneWords } from '../shared/words/zh-CN/phone.ts'
import { h, type IconName, icon } from './dom.ts'

/**
 * Two buttons that open what the phone itself offers: its camera app, and its photos and files. Plain inputs under
 * labels: in-app browsers open nothing that a script asks for.
 */
export function photoPickers(words: PhoneWords, onFiles: (files: readonly File[]) => void): HTMLElement {
  return h(
    'div',
    { class: 'pickers' },
    picker('camera', words.takePhoto, 'take-photo', { accept: 'image/*', capture: 'environment' }, onFiles),
    picker(
      'pictures',
      words.choosePhotos,
      'choose-photos',
      { accept: 'image/*,application/pdf', multiple: true },
      onFiles,
    ),
  )
}

function picker(
  name: IconName,
  label: string,
  test: string,
  props: Record<string, string | boolean>,
  onFiles: (files: readonly File[]) => void,
): HTMLElement {
  const input = h('input', { type: 'file', class: 'file', 'data-test': test, 'aria-label': label, ...props })
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])]
    // The same photo may be chosen once more.
    input.value = ''
    if (files.length > 0) onFiles(files)
  })
  return h('label', { class: 'picker' }, icon(name), h('span', {}, label), input)
}
