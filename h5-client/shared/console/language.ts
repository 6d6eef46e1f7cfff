import type { Language } from '../../../signaling/protocol/call.ts'
import { Store } from './store.ts'

const KEY = 'tongping.language'

function initial(): Language {
  const chosen = localStorage.getItem(KEY)
  if (chosen === 'zh-CN' || chosen === 'en') return chosen
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

/** The language of this page: the browser's, until a person chooses; remembered per machine. */
export class PageLanguage {
  readonly store = new Store<Language>(initial())

  constructor() {
    document.documentElement.lang = this.store.get()
  }

  toggle(): void {
    this.store.update(language => (language === 'en' ? 'zh-CN' : 'en'))
    const chosen = this.store.get()
    localStorage.setItem(KEY, chosen)
    document.documentElement.lang = chosen
  }
}
