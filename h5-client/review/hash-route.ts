import { Store } from '../shared/console/store.ts'

/** Where in the console we are: `#/records/call_…` is the section `records` with one more word. */
export type HashRoute = { readonly section: string; readonly rest: readonly string[] }

export function routeIn(hash: string): HashRoute {
  const [section = '', ...rest] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  return { section, rest: rest.filter(word => word !== '') }
}

export function hashOf(section: string, ...rest: readonly string[]): string {
  return `#/${[section, ...rest].map(encodeURIComponent).join('/')}`
}

/** The address bar as a store, so that a section can be linked to, and "back" works. */
export class HashRoutes {
  readonly route = new Store<HashRoute>(routeIn(location.hash))
  readonly #onChange = () => this.route.update(() => routeIn(location.hash))

  constructor() {
    addEventListener('hashchange', this.#onChange)
  }

  go(section: string, ...rest: readonly string[]): void {
    location.hash = hashOf(section, ...rest)
  }

  close(): void {
    removeEventListener('hashchange', this.#onChange)
  }
}
