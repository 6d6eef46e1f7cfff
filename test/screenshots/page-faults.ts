import type { Page } from 'playwright-core'

/**
 * What an eye may overlook in a picture of a page: text that its box cuts off, a page wider than its window, controls too
 * small to hit, and words of the other language.
 * @param o.leastPx least height and width of a control
 */
export function pageFaults(page: Page, o: { leastPx: number; language: 'zh-CN' | 'en-US' }): Promise<string[]> {
  return page.evaluate(lookFor, o)
}

function lookFor({ leastPx, language }: { leastPx: number; language: string }): string[] {
  const faults: string[] = []
  const open = document.querySelector('dialog[open]')
  const root = open ?? document.body
  const named = (element: Element) =>
    `${element.tagName.toLowerCase()}.${element.className} "${(element.textContent ?? '').trim().slice(0, 40)}"`
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide > 1) faults.push(`the page is ${wide} px wider than its window`)
  for (const element of root.querySelectorAll<HTMLElement>('*')) {
    const box = element.getBoundingClientRect()
    if (box.width < 2 || box.height < 2 || element.closest('.sr-only, [hidden], svg')) continue
    const style = getComputedStyle(element)
    const clips = style.overflowX === 'hidden' || style.overflowX === 'clip'
    const ownText = [...element.childNodes].some(node => node.nodeType === 3 && (node.textContent ?? '').trim() !== '')
    if (clips && ownText && element.scrollWidth > element.clientWidth + 1) faults.push(`cut off: ${named(element)}`)
    if (
      !clips &&
      ownText &&
      element.scrollWidth > element.clientWidth + 2 &&
      style.display !== 'inline' &&
      style.overflowX === 'visible'
    )
      faults.push(`runs over: ${named(element)}`)
    if (/auto|scroll/.test(style.overflowX + style.overflowY) && element.scrollWidth > element.clientWidth + 2)
      faults.push(`scrolls sideways: ${named(element)}`)
    const isControl = element.matches('button, select, input, textarea, a.button, summary, [role="radio"]')
    if (isControl && !element.matches('[type="range"]')) {
      const hit = element.closest('label')?.getBoundingClientRect() ?? box
      const least = Math.min(Math.max(hit.height, box.height), Math.max(hit.width, box.width))
      if (least < leastPx - 0.5) faults.push(`${Math.round(hit.width)}×${Math.round(hit.height)}: ${named(element)}`)
    }
    if (language === 'en-US' && ownText && !element.closest('[lang^="zh"], option, .comment-text, .user-text')) {
      const own = [...element.childNodes]
        .filter(node => node.nodeType === 3)
        .map(node => node.textContent ?? '')
        .join('')
      if (/[\u4e00-\u9fff]/.test(own)) faults.push(`Chinese: ${named(element)}`)
    }
    if (language === 'zh-CN' && ownText && !element.closest('[lang="en"], code, kbd, option, .comment-text')) {
      const own = [...element.childNodes]
        .filter(node => node.nodeType === 3)
        .map(node => node.textContent ?? '')
        .join('')
      if (/[a-z]{4,} [a-z]{2,}/i.test(own)) faults.push(`English: ${named(element)}`)
    }
  }
  return [...new Set(faults)]
}
