import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { card } from './card.ts'
import { h } from './dom.ts'
import { type DigitsProblem, plainDigits } from './join.ts'

/** Six digits in one field, so that pasting, autofill and screen readers work as they do everywhere. */
export function digitsScreen(words: CallerWords, onDigits: (digits: string) => Promise<DigitsProblem | undefined>) {
  const input = h('input', {
    class: 'digits',
    'data-test': 'digits-input',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    enterkeyhint: 'go',
    maxlength: 12,
    'aria-label': words.digitsLabel,
    'aria-describedby': 'digits-problem',
    autofocus: true,
  })
  const boxes = Array.from({ length: 6 }, () => h('span', { class: 'box' }))
  const problem = h('p', { class: 'problem', id: 'digits-problem', role: 'alert' })
  const submit = h('button', { class: 'primary', 'data-test': 'digits-submit', type: 'submit' }, words.digitsSubmit)
  const say = (found: DigitsProblem | undefined) => {
    delete problem.dataset.refusal
    delete problem.dataset.test
    if (found === undefined) problem.textContent = ''
    else if (found.kind === 'wait') problem.textContent = words.digitsWait(String(found.seconds))
    else if (found.kind === 'network') problem.textContent = words.trouble.network.title
    else {
      problem.textContent = `${words.trouble['wrong-digits'].title}${/[a-z]$/i.test(words.trouble['wrong-digits'].title) ? '. ' : '。'}${words.trouble['wrong-digits'].next}`
      problem.dataset.test = 'refusal'
      problem.dataset.refusal = 'wrong-digits'
    }
  }
  const draw = () => {
    input.value = plainDigits(input.value)
    for (const [at, box] of boxes.entries()) {
      box.textContent = input.value[at] ?? ''
      box.classList.toggle('next', at === Math.min(input.value.length, 5))
    }
    submit.classList.toggle('waiting', input.value.length < 6)
  }
  input.addEventListener('input', () => {
    draw()
    say(undefined)
  })
  const form = h('form', { class: 'digits-form' }, h('div', { class: 'boxes', 'aria-hidden': 'true' }, ...boxes), input)
  const screen = card('digits', undefined, words.digitsTitle, [h('p', {}, words.digitsHint), form, problem], [submit])
  const send = async () => {
    if (input.value.length < 6 || submit.disabled) return input.focus()
    submit.disabled = true
    const found = await onDigits(input.value)
    say(found)
    if (found === undefined) return
    if (found.kind === 'wrong') {
      input.value = ''
      draw()
    }
    if (found.kind === 'wait') setTimeout(() => (submit.disabled = false), found.seconds * 1000)
    else submit.disabled = false
    input.focus()
  }
  form.addEventListener('submit', event => {
    event.preventDefault()
    void send()
  })
  submit.addEventListener('click', () => void send())
  draw()
  return screen
}
