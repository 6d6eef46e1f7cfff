type Child = Node | string | undefined | false
type Props = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>

/** An element: string and number props become attributes, `true` an empty one, functions are listeners (`onclick`). */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child)
  return element
}

/** Sets text only when it changed: a live region speaks on every write. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

const SVG = 'http://www.w3.org/2000/svg'
/** Line drawings on a 24 by 24 grid. */
const ICONS = {
  pen: ['M4 20l1-4L16 5l3 3L8 19z', 'M13.5 7.5l3 3'],
  arrow: ['M5 19L19 5', 'M10 5h9v9'],
  circle: ['M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z'],
  undo: ['M8 5L4 9l4 4', 'M4.5 9H14a5 5 0 0 1 0 10h-3'],
  flip: ['M4 9a8 8 0 0 1 14-3l2 2', 'M20 3v5h-5', 'M20 15a8 8 0 0 1-14 3l-2-2', 'M4 21v-5h5'],
  torch: ['M7 3h10v4l-3 4v9a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1v-9L7 7z', 'M7 7h10', 'M12 13v2'],
  pause: ['M8 5v14', 'M16 5v14'],
  play: ['M7 4.5v15l12-7.5z'],
  stop: ['M5 5l14 14', 'M19 5L5 19'],
  phone: ['M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2'],
  microphoneOff: [
    'M9 9V6a3 3 0 0 1 6 0v5',
    'M5 11a7 7 0 0 0 11 5.6',
    'M19 11a7 7 0 0 1-.5 2.6',
    'M12 18v3',
    'M4 4l16 16',
  ],
  hand: ['M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z', 'M10 9v6', 'M14 9v6'],
  camera: [
    'M3 8a2 2 0 0 1 2-2h3l2-2h4l2 2h3a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z',
    'M12 16a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  ],
  warning: ['M12 4l9 16H3z', 'M12 10v4', 'M12 17v.2'],
  done: ['M4 12.5l5.5 5.5L20 6.5'],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  pictures: ['M3 5h18v14H3z', 'M3 16l5-5 4 4 3-3 6 5', 'M15.5 9h.01'],
  eye: ['M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12z', 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z'],
} as const
export type IconName = keyof typeof ICONS

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, 'path')
    path.setAttribute('d', d)
    svg.append(path)
  }
  return svg
}
