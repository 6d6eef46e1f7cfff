/** Where a picture of a page is fetched: the `picture`-th of those the page has, the best one when left out. */
export function pictureAddress(callId: string, pageId: string, picture?: number): string {
  return `/api/calls/${callId}/pictures/${pageId}${picture === undefined ? '' : `?picture=${picture}`}`
}

/** Where a still of the slow scan is fetched. */
export function scanAddress(callId: string, sha256: string): string {
  return `/api/calls/${callId}/scan/${sha256}`
}
