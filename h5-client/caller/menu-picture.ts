import type { CallerWords } from '../shared/words/zh-CN/caller.ts'

const SVG = 'http://www.w3.org/2000/svg'

function shape(tag: string, props: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, String(value))
  if (text !== undefined) element.textContent = text
  return element
}

/** Where to tap in WeChat, drawn: the three dots at the top right, and the line of the menu that opens. */
export function menuPicture(words: CallerWords, kind: 'wechat-ios' | 'wechat-android'): SVGElement {
  const picture = shape('svg', {
    viewBox: '0 0 300 150',
    class: 'menu-picture',
    role: 'img',
    'aria-label': words.menuPicture,
    'data-test': 'menu-picture',
  })
  const item = words.menuItem[kind]
  picture.append(
    shape('rect', { x: 0, y: 0, width: 300, height: 150, class: 'screen' }),
    shape('rect', { x: 0, y: 0, width: 300, height: 44, class: 'bar' }),
    shape('path', { d: 'M24 14l-8 8 8 8', class: 'line' }),
    shape('rect', { x: 70, y: 16, width: 120, height: 12, rx: 6, class: 'grey' }),
    ...[258, 267, 276].map(x => shape('circle', { cx: x, cy: 22, r: 3, class: 'dot' })),
    shape('circle', { cx: 267, cy: 22, r: 18, class: 'ring' }),
    shape('path', { d: 'M267 44 C267 66 240 62 226 76 M226 76l12-2 M226 76l5-11', class: 'arrow' }),
    shape('rect', { x: 24, y: 80, width: 252, height: 48, rx: 10, class: 'item' }),
    shape('circle', { cx: 50, cy: 104, r: 12, class: 'line' }),
    shape('path', { d: 'M50 92c-8 8-8 16 0 24 M50 92c8 8 8 16 0 24 M38 104h24', class: 'line' }),
    shape('text', { x: 72, y: 110 }, item),
  )
  return picture
}
