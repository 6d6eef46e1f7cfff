import type { Role } from '../protocol/call.ts'
import { REQUESTS, type RequestName } from '../protocol/catalogue.ts'
import { AppError } from '../protocol/errors.ts'
import type { RequestHandlers } from './handler.ts'

const isRequestName = (name: string): name is RequestName => Object.hasOwn(REQUESTS, name)

/**
 * Checks a request at the door (known name, role, schema) and hands it to its handler.
 * @throws AppError `bad-request` or `forbidden`; whatever the handler throws passes through.
 */
export async function dispatch<Context extends { readonly role: Role }>(
  handlers: RequestHandlers<Context>,
  context: Context,
  name: string,
  data: unknown,
): Promise<unknown> {
  if (!isRequestName(name)) throw new AppError('bad-request', 'no request has this name')
  return run(handlers, context, name, data)
}

async function run<N extends RequestName, Context extends { readonly role: Role }>(
  handlers: RequestHandlers<Context>,
  context: Context,
  name: N,
  data: unknown,
) {
  const spec = REQUESTS[name]
  if (!(spec.by as readonly Role[]).includes(context.role)) {
    throw new AppError('forbidden', `${context.role} may not ask for ${name}`)
  }
  const parsed = spec.data.safeParse(data)
  if (!parsed.success) {
    // Only the paths: the values may be personal.
    const where = parsed.error.issues.map(issue => issue.path.join('.') || 'data').join(', ')
    throw new AppError('bad-request', `${name}: not as expected at ${where}`)
  }
  return handlers[name](context, parsed.data as never)
}
