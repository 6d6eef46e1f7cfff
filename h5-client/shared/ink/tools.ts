import type { Mark } from '../../../signaling/protocol/mark.ts'
import type { StampKind } from '../../../signaling/protocol/mark-kinds.ts'

/**
 * `number` draws arrows that number themselves, `shape` a free stroke that becomes a clean circle, box or line when the
 * pen is lifted, `pointer` leaves nothing behind.
 */
export type InkTool =
  | Exclude<Mark['shape'], 'stamp'>
  | { readonly stamp: StampKind }
  | 'number'
  | 'shape'
  | 'eraser'
  | 'pointer'

export function sameTool(one: InkTool | undefined, other: InkTool | undefined): boolean {
  return typeof one === 'object' && typeof other === 'object' ? one.stamp === other.stamp : one === other
}

/** A word for classes and tests: `pen`, `stamp-tick`, … */
export function toolName(tool: InkTool): string {
  return typeof tool === 'object' ? `stamp-${tool.stamp}` : tool
}
