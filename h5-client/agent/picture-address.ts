/** Where a frozen picture of a call is fetched. */
export function pictureAddress(callId: string, pageId: string): string {
  return `/api/calls/${callId}/pictures/${pageId}`
}
