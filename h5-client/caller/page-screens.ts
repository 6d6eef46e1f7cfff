import type { CameraTrouble, JoinRefusal } from '../../signaling/protocol/call.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { type Agreed, type Asked, askScreen } from './ask-screen.ts'
import type { BrowserKind } from './browser-kind.ts'
import { digitsScreen } from './digits-screen.ts'
import type { IconName } from './dom.ts'
import type { DigitsProblem } from './join.ts'
import { plainScreen, refusalScreen } from './plain-screen.ts'
import type { ScreenHost } from './screen-host.ts'
import { type TroubleActions, troubleScreen, waitingScreen } from './trouble-screen.ts'

type Press = () => void

/** Every screen of words, each shown by one call; the live picture is the only one that is not here. */
export class PageScreens {
  readonly #host: ScreenHost
  readonly #kind: BrowserKind

  constructor(host: ScreenHost, kind: BrowserKind) {
    this.#host = host
    this.#kind = kind
  }

  digits(onDigits: (digits: string) => Promise<DigitsProblem | undefined>): void {
    this.#host.show(words => ({ element: digitsScreen(words, onDigits) }))
  }

  ask(agentName: string | undefined, agreed: Agreed, asked: Asked, onStart: Press): void {
    this.#host.show(words => ({ element: askScreen(words, agentName, agreed, asked, onStart) }))
  }

  waiting(): void {
    this.#host.show(words => {
      const waiting = waitingScreen(words, this.#kind)
      return { element: waiting.screen, close: waiting.close }
    })
  }

  /** `onTakeover`: the code was used by another browser, whose place this one may ask for. */
  refusal(refusal: JoinRefusal, onDigits: Press, onTakeover: Press | undefined): void {
    this.#host.show(words => ({ element: refusalScreen(words, refusal, onDigits, onTakeover) }))
  }

  trouble(trouble: CameraTrouble, actions: TroubleActions): void {
    this.#host.show(words => ({ element: troubleScreen(words, trouble, this.#kind, actions) }))
  }

  resume(onStart: Press): void {
    this.#plain('resume', 'camera', words => ({
      title: words.resumeTitle,
      note: words.resumeNote,
      action: { text: words.resumeStart, test: 'start-camera', onPress: onStart },
    }))
  }

  stopped(onStart: Press): void {
    this.#plain('stopped', 'stop', words => ({
      title: words.stoppedTitle,
      note: words.stoppedNote,
      action: { text: words.startAgain, test: 'start-camera', onPress: onStart },
    }))
  }

  ended(): void {
    this.#plain('ended', 'done', words => ({ title: words.endedTitle, note: words.endedNote }))
  }

  transferred(): void {
    this.#plain('transferred', 'done', words => ({ title: words.transferredTitle, note: words.transferredNote }))
  }

  replaced(onHere: Press): void {
    this.#plain('replaced', 'eye', words => ({
      title: words.replacedTitle,
      note: words.replacedNote,
      action: { text: words.useHere, test: 'use-here', onPress: onHere },
    }))
  }

  #plain(
    test: string,
    mark: IconName,
    say: (words: CallerWords) => {
      title: string
      note: string
      action?: { text: string; test: string; onPress: Press }
    },
  ): void {
    this.#host.show(words => {
      const { title, note, action } = say(words)
      return { element: plainScreen(test, mark, title, note, action) }
    })
  }
}
