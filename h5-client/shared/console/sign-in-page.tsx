import { useEffect, useRef, useState } from 'preact/hooks'
import type { ConsoleWords } from '../words/zh-CN/console.ts'
import { type SignInTrouble, signInTrouble } from './session-keeper.ts'

type Props = {
  readonly title: string
  readonly note: string | undefined
  readonly words: ConsoleWords
  readonly expired: boolean
  /** Called inside the gesture, before the reply: the moment in which a browser lets a page ask for devices. */
  readonly onSubmit?: () => void
  readonly signIn: (name: string, password: string) => Promise<void>
  readonly onLanguage: () => void
}

function sentence(trouble: SignInTrouble | 'name' | 'password', words: ConsoleWords): string {
  switch (trouble) {
    case 'name':
      return words.nameMissing
    case 'password':
      return words.passwordMissing
    case 'wrong':
      return words.signInWrong
    case 'too-many':
      return words.signInTooMany
    case 'lost':
      return words.signInLost
    case 'failed':
      return words.signInFailed
  }
}

export function SignInPage({ title, note, words, expired, onSubmit, signIn, onLanguage }: Props) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<SignInTrouble | 'name' | 'password' | undefined>()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])

  async function submit(event: Event) {
    event.preventDefault()
    if (busy) return
    if (name.trim() === '') return setTrouble('name')
    if (password === '') return setTrouble('password')
    setTrouble(undefined)
    setBusy(true)
    onSubmit?.()
    try {
      await signIn(name.trim(), password)
    } catch (error) {
      setTrouble(signInTrouble(error))
      setBusy(false)
    }
  }

  return (
    <main class="sign-in">
      <form class="sign-in-card" onSubmit={submit} noValidate>
        <p class="brand">
          <span class="brand-mark" aria-hidden="true" />
          {words.product}
        </p>
        <h1>{title}</h1>
        {expired && !trouble ? <p class="notice warn">{words.sessionEnded}</p> : null}
        <label class="field">
          <span>{words.name}</span>
          <input
            ref={first}
            data-test="sign-in-name"
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            spellcheck={false}
            value={name}
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{words.password}</span>
          <input
            data-test="sign-in-password"
            name="password"
            type="password"
            autoComplete="current-password"
            value={password}
            onInput={event => setPassword(event.currentTarget.value)}
          />
        </label>
        <p class="sign-in-trouble" role="alert" data-test="sign-in-trouble" data-trouble={trouble}>
          {trouble ? sentence(trouble, words) : ''}
        </p>
        <button type="submit" class="button primary wide" data-test="sign-in-submit" disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </button>
        {note ? <p class="quiet">{note}</p> : null}
        <button
          type="button"
          class="button plain"
          onClick={onLanguage}
          lang={words.switchLanguage === 'English' ? 'en' : 'zh-CN'}
        >
          {words.switchLanguage}
        </button>
      </form>
    </main>
  )
}
