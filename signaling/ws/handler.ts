import type { RequestData, RequestName, RequestReply } from '../protocol/catalogue.ts'

/** One entry per request in the catalogue: leave one out and this does not compile. */
export type RequestHandlers<Context> = {
  readonly [N in RequestName]: (context: Context, data: RequestData<N>) => Promise<RequestReply<N>>
}
