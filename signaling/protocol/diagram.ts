import * as z from 'zod'

/** One diagram of the library, in its newest version. */
export const Diagram = z.object({
  diagramId: z.string().max(80),
  version: z.number().int().positive(),
  product: z.string().max(80),
  fault: z.string().max(80),
  title: z.string().max(120),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
})
export type Diagram = z.infer<typeof Diagram>
